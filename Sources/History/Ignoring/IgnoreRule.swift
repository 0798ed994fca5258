/// One line of an ignore file: a pattern, and whether it ignores what it matches or keeps it.
public struct IgnoreRule: Hashable, Sendable {
  /// The line as it stands in the file, without its end.
  public let text: String
  /// The number of the line, from 1.
  public let lineNumber: Int
  /// Whether what matches is kept, although an earlier rule ignores it: the line starts with `!`.
  public let isNegated: Bool
  /// Whether only directories match: the pattern ends in a slash.
  public let isForDirectories: Bool
  /// Whether the pattern is compared with the path from the file's directory, and not with the last
  /// component alone: it has a slash before its end.
  let isAnchored: Bool
  private let pattern: GlobPattern

  /// Whether the rule speaks about a path, which is given from the rules' directory.
  func matches(_ path: ArraySlice<UInt8>, isDirectory: Bool) -> Bool {
    if isForDirectories, !isDirectory { return false }
    if isAnchored { return pattern.matches(path) }
    guard let slash = path.lastIndex(of: UInt8(ascii: "/")) else { return pattern.matches(path) }
    return pattern.matches(path[(slash + 1)...])
  }
}

extension IgnoreRule {
  /// Reads a line; nil for a comment, an empty line and a pattern that matches nothing.
  init?(line: ArraySlice<UInt8>, number: Int) {
    guard let first = line.first, first != UInt8(ascii: "#") else { return nil }
    var rest = Self.withoutTrailingSpaces(line)
    text = String(decoding: line, as: UTF8.self)
    lineNumber = number
    isNegated = rest.first == UInt8(ascii: "!")
    if isNegated { rest.removeFirst() }
    isForDirectories = rest.last == UInt8(ascii: "/")
    if isForDirectories { rest.removeLast() }
    isAnchored = rest.contains(UInt8(ascii: "/"))
    if rest.first == UInt8(ascii: "/") { rest.removeFirst() }
    guard !rest.isEmpty, let pattern = GlobPattern(Array(rest)) else { return nil }
    self.pattern = pattern
  }

  /// The line without the spaces at its end, of which a backslash keeps one.
  private static func withoutTrailingSpaces(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var end = line.startIndex
    var index = line.startIndex
    while index < line.endIndex {
      if line[index] == UInt8(ascii: "\\") {
        // A backslash takes the next byte with it; one at the end takes nothing.
        index = min(index + 2, line.endIndex)
        end = index
      } else {
        if line[index] != UInt8(ascii: " ") { end = index + 1 }
        index += 1
      }
    }
    return line[..<end]
  }
}
