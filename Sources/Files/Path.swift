/// A place in the file system, as the user or a file named it.
///
/// The text is kept as given; joining adds exactly one `/`. Paths are bytes to the system: a slash
/// separates whatever follows it, and two spellings that Unicode calls equivalent are two files.
public struct Path: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The path as text.
  public let text: String

  /// Takes a path as it was written.
  public init(_ text: String) {
    self.text = text
  }

  /// The path as text.
  public var description: String { text }

  /// The last component, without a trailing slash; the whole text where there is no slash.
  public var name: String {
    let trimmed = withoutTrailingSlashes
    guard let slash = trimmed.utf8.lastIndex(of: 0x2F) else { return trimmed }
    return String(decoding: trimmed.utf8[slash...].dropFirst(), as: UTF8.self)
  }

  /// The directory that holds this path, `.` for a bare name.
  public var parent: Path {
    let trimmed = withoutTrailingSlashes
    guard let slash = trimmed.utf8.lastIndex(of: 0x2F) else { return Path(".") }
    return slash == trimmed.startIndex
      ? Path("/") : Path(String(decoding: trimmed.utf8[..<slash], as: UTF8.self))
  }

  /// This path with one more component; the component alone where this path is empty.
  public func appending(_ component: String) -> Path {
    text.isEmpty || text.utf8.last == 0x2F ? Path(text + component) : Path(text + "/" + component)
  }

  /// Whether the name ends in `.` and the given extension.
  public func hasExtension(_ fileExtension: String) -> Bool {
    name.hasSuffix("." + fileExtension)
  }

  private var withoutTrailingSlashes: String {
    var bytes = text.utf8[...]
    while bytes.count > 1, bytes.last == 0x2F { bytes = bytes.dropLast() }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Orders paths by their bytes.
  public static func < (left: Path, right: Path) -> Bool {
    left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
  }

  /// Paths are equal when their bytes are.
  public static func == (left: Path, right: Path) -> Bool {
    left.text.utf8.elementsEqual(right.text.utf8)
  }

  /// Hashes the bytes.
  public func hash(into hasher: inout Hasher) {
    for byte in text.utf8 { hasher.combine(byte) }
  }
}
