/// A place in the file system, as the user or a file named it.
///
/// The text is kept as given; joining adds exactly one `/`.
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
    guard let slash = trimmed.lastIndex(of: "/") else { return trimmed }
    return String(trimmed[trimmed.index(after: slash)...])
  }

  /// The directory that holds this path, `.` for a bare name.
  public var parent: Path {
    let trimmed = withoutTrailingSlashes
    guard let slash = trimmed.lastIndex(of: "/") else { return Path(".") }
    return slash == trimmed.startIndex ? Path("/") : Path(String(trimmed[..<slash]))
  }

  /// This path with one more component; the component alone where this path is empty.
  public func appending(_ component: String) -> Path {
    text.isEmpty || text.hasSuffix("/") ? Path(text + component) : Path(text + "/" + component)
  }

  /// Whether the name ends in `.` and the given extension.
  public func hasExtension(_ fileExtension: String) -> Bool {
    name.hasSuffix("." + fileExtension)
  }

  private var withoutTrailingSlashes: String {
    var end = text.endIndex
    while end > text.startIndex {
      let before = text.index(before: end)
      guard text[before] == "/", before > text.startIndex else { break }
      end = before
    }
    return String(text[..<end])
  }

  /// Orders paths by their text.
  public static func < (left: Path, right: Path) -> Bool { left.text < right.text }
}
