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
    self.text = text
    for part in components where part.isEmpty || part == "." || part == ".." { return nil }
  }

  /// The parts of the name, cut at every slash byte: to `Character`, one before a combining mark is
  /// no slash, and what stands before it could hide.
  var components: [String] {
    let path = isDirectory ? text.utf8.dropLast() : text.utf8[...]
    return path.split(separator: 0x2F, omittingEmptySubsequences: false)
      .map { String(decoding: $0, as: UTF8.self) }
  }

  /// Whether the name is that of a directory.
  public var isDirectory: Bool { text.utf8.last == 0x2F }

  /// The name as the archive has it.
  public var description: String { text }

  /// Orders names by their text.
  public static func < (left: MemberName, right: MemberName) -> Bool { left.text < right.text }
}
