/// The name of an archive's member, known to lead nowhere but into the archive.
public struct MemberName: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The name as the archive has it; a directory's ends in a slash.
  public let text: String

  /// Takes a name; nil where it is absolute, has an empty, `.` or `..` part, a backslash or a
  /// control character.
  public init?(_ text: String) {
    guard !text.isEmpty else { return nil }
    for scalar in text.unicodeScalars {
      if scalar.properties.generalCategory == .control || scalar == "\\" { return nil }
    }
    let path = text.hasSuffix("/") ? text.dropLast() : text[...]
    for part in path.split(separator: "/", omittingEmptySubsequences: false) {
      if part.isEmpty || part == "." || part == ".." { return nil }
    }
    self.text = text
  }

  /// Whether the name is that of a directory.
  public var isDirectory: Bool { text.hasSuffix("/") }

  /// The name as the archive has it.
  public var description: String { text }

  /// Orders names by their text.
  public static func < (left: MemberName, right: MemberName) -> Bool { left.text < right.text }
}
