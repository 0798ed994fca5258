internal import Files

/// The bytes of a GGUF header, read forward through one window.
struct GGUFBytes {
  /// The longest header that is read, in bytes: a large vocabulary takes some ten million.
  static let byteLimit = 256 << 20
  private static let windowByteCount = 1 << 16

  /// The byte that will be read next, counted from the start of the file.
  private(set) var offset = 0
  private let reader: FileReader
  private let end: Int
  private var window: [UInt8] = []
  private var windowOffset = 0

  /// Starts at the file's first byte.
  init(_ reader: FileReader) {
    self.reader = reader
    end = min(reader.byteCount, Self.byteLimit)
  }

  /// How many bytes are left that a header may have.
  var remaining: Int { end - offset }

  /// An error about the file.
  func broken(_ rule: String) -> TensorError {
    .malformed(reader.path, format: .gguf, rule: rule)
  }

  /// The next `count` bytes; refused before anything is allocated where fewer are left.
  mutating func bytes(_ count: Int) throws(TensorError) -> ArraySlice<UInt8> {
    guard count <= remaining else { throw broken("has a header that is cut off or too long") }
    if offset + count > windowOffset + window.count {
      let length = min(max(count, Self.windowByteCount), end - offset)
      do { window = try reader.bytes(at: offset, count: length) } catch { throw .file(error) }
      windowOffset = offset
    }
    let start = offset - windowOffset
    offset += count
    return window[start..<start + count]
  }

  /// Moves on by `count` items of `width` bytes.
  mutating func skip(_ count: Int, width: Int) throws(TensorError) {
    guard count <= remaining / width else {
      throw broken("has a header that is cut off or too long")
    }
    offset += count * width
    // The window moves on with the next bytes.
    if offset > windowOffset + window.count { (window, windowOffset) = ([], offset) }
  }

  /// A number of 4 bytes.
  mutating func number32() throws(TensorError) -> UInt32 {
    try bytes(4).reversed().reduce(0) { $0 << 8 | UInt32($1) }
  }

  /// A number of 8 bytes that counts things; refused where it is larger than any file.
  mutating func count() throws(TensorError) -> Int {
    let number = try bytes(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard let count = Int(exactly: number) else {
      throw broken("has the number \(number) in its header, larger than any file")
    }
    return count
  }

  /// A text behind its length, of at most `limit` bytes.
  mutating func text(limit: Int) throws(TensorError) -> String {
    let length = try count()
    guard length <= limit else { throw broken("has a name of \(length) bytes in its header") }
    let utf8 = try bytes(length)
    guard let text = String(validating: utf8, as: UTF8.self) else {
      throw broken("has a name that is not UTF-8 in its header")
    }
    return text
  }
}
