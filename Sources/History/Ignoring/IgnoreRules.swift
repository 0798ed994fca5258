/// The rules by which files are left out: those of several files, one below another, read as git
/// reads `.gitignore` (gitignore(5)).
///
/// Of the rules that match a path, the last of the file in the deepest directory decides. What lies
/// in an ignored directory is ignored, whatever the rules say about it. Letter case counts.
public struct IgnoreRules: Sendable {
  /// The name of the files that hold rules.
  public static let fileName = ".adapterctlignore"

  /// The rules of one file.
  private struct Group: Sendable {
    /// The directory they hold for, with a slash at its end; empty for the top.
    let directory: [UInt8]
    let rules: [IgnoreRule]
  }

  /// In the order of precedence, the deepest directory last.
  private var groups: [Group] = []

  /// No rules: nothing is ignored.
  public init() {}

  /// Adds the rules of a file's bytes, for what lies in `directory`, which is given from the top,
  /// without `.` and `..`; empty for the top itself. Later rules of the same directory win.
  public mutating func add(_ bytes: [UInt8], in directory: String = "") {
    var base = Array(directory.utf8)
    while base.last == UInt8(ascii: "/") { base.removeLast() }
    if !base.isEmpty { base.append(UInt8(ascii: "/")) }
    let group = Group(directory: base, rules: Self.rules(bytes))
    let place = groups.firstIndex { $0.directory.count > base.count } ?? groups.count
    groups.insert(group, at: place)
  }

  /// Adds the rules of a text.
  public mutating func add(_ text: String, in directory: String = "") {
    add(Array(text.utf8), in: directory)
  }

  /// Whether a path, given from the top, is left out.
  public func ignores(_ path: String, isDirectory: Bool) -> Bool {
    guard let rule = rule(for: path, isDirectory: isDirectory) else { return false }
    return !rule.isNegated
  }

  /// The rule that decides about a path, given from the top: that of an ignored directory above it,
  /// or the last that matches the path itself; nil where none does.
  public func rule(for path: String, isDirectory: Bool) -> IgnoreRule? {
    let bytes = Array(path.utf8)
    for (index, byte) in bytes.enumerated() where byte == UInt8(ascii: "/") {
      if let rule = last(matching: bytes[..<index], isDirectory: true), !rule.isNegated {
        return rule
      }
    }
    return last(matching: bytes[...], isDirectory: isDirectory)
  }

  private func last(matching path: ArraySlice<UInt8>, isDirectory: Bool) -> IgnoreRule? {
    for group in groups.reversed()
    where path.count > group.directory.count && path.starts(with: group.directory) {
      let inside = path.dropFirst(group.directory.count)
      let rule = group.rules.last { $0.matches(inside, isDirectory: isDirectory) }
      if let rule { return rule }
    }
    return nil
  }

  /// The rules of a file, first to last. A line ends at `\n` or `\r\n`; what stands behind a NUL is
  /// not part of it, and a byte order mark is not part of the first.
  private static func rules(_ bytes: [UInt8]) -> [IgnoreRule] {
    let text = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
    let lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    return lines.enumerated().compactMap { index, line in
      let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
      return IgnoreRule(line: line.prefix { $0 != 0 }, number: index + 1)
    }
  }
}
