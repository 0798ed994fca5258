internal import Files

/// The bytes of a pickle, read forward: from memory, or from a file through one window.
struct PickleReader {
  /// The largest pickle that is read, in bytes.
  static let byteLimit = 256 << 20

  /// The byte that will be read next, counted from the start of the source.
  private(set) var offset: Int
  /// Where the source ends.
  let end: Int
  private var window: [UInt8]
  private var windowStart: Int
  private let file: FileReader?

  private static let windowByteCount = 1 << 16

  /// Reads bytes in memory.
  init(_ bytes: [UInt8]) {
    window = bytes
    (offset, windowStart, end, file) = (0, 0, bytes.count, nil)
  }

  /// Reads a file from `offset` on, at most `byteLimit` bytes of it.
  init(_ file: FileReader, at offset: Int) {
    window = []
    (self.offset, windowStart, self.file) = (offset, offset, file)
    end = file.byteCount - offset <= Self.byteLimit ? file.byteCount : offset + Self.byteLimit
  }

  var remaining: Int { end - offset }

  mutating func byte() throws(PickleError) -> UInt8 {
    if offset - windowStart >= window.count { try refill() }
    defer { offset += 1 }
    return window[offset - windowStart]
  }

  /// `count` bytes; refused before anything is allocated where fewer are left.
  mutating func bytes(_ count: Int) throws(PickleError) -> [UInt8] {
    guard count <= remaining else { throw Self.cutOff }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count)
    while bytes.count < count {
      if offset - windowStart >= window.count { try refill() }
      let start = offset - windowStart
      let part = min(count - bytes.count, window.count - start)
      bytes += window[start..<start + part]
      offset += part
    }
    return bytes
  }

  /// An unsigned little-endian integer of 1, 2 or 4 bytes.
  mutating func unsigned(_ width: Int) throws(PickleError) -> Int {
    var value = 0
    for index in 0..<width { value |= Int(try byte()) << (8 * index) }
    return value
  }

  /// `count` bytes of UTF-8.
  mutating func text(_ count: Int) throws(PickleError) -> String {
    guard let text = String(validating: try bytes(count), as: UTF8.self) else {
      throw .broken("has a pickle with a string that is not UTF-8")
    }
    return text
  }

  /// A text up to a line feed, which is read too.
  mutating func line() throws(PickleError) -> String {
    var utf8: [UInt8] = []
    while true {
      let byte = try byte()
      if byte == UInt8(ascii: "\n") { break }
      guard utf8.count < 1024 else { throw .broken("has a pickle with an endless name") }
      utf8.append(byte)
    }
    return String(decoding: utf8, as: UTF8.self)
  }

  private static let cutOff = PickleError.broken("has a pickle that is cut off")

  private mutating func refill() throws(PickleError) {
    guard let file, remaining > 0 else { throw Self.cutOff }
    do {
      window = try file.bytes(at: offset, count: min(Self.windowByteCount, remaining))
    } catch { throw .file(error) }
    windowStart = offset
  }
}
