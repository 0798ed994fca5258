/// A path that a repository tracks, relative to the top of the working tree.
public struct TrackedPath: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The most bytes of a path, and of one of its components.
  public static let maximumByteCounts = (path: 4096, component: 255)
  /// The directory of the repository itself.
  public static let repositoryName = ".adapterctl"

  /// The components, joined by slashes.
  public let text: String

  /// Takes a path that follows the rules of FORMAT.md; throws `invalidPath` for any other.
  public init(_ text: String) throws(HistoryError) {
    if let rule = Self.brokenRule(text) { throw .invalidPath(text, rule: rule) }
    self.text = text
  }

  // All of these look at bytes, as the system does: to Swift's `Character`, a slash before a
  // combining mark is no slash.

  /// The components, outermost first.
  public var components: [Substring] { Self.components(of: text) }

  /// The paths above this one, outermost first.
  public var ancestors: [String] {
    text.utf8.indices.filter { text.utf8[$0] == 0x2F }
      .map { String(decoding: text.utf8[..<$0], as: UTF8.self) }
  }

  /// Whether this path is `other` or lies below it.
  public func isWithin(_ other: String) -> Bool {
    other.isEmpty || text.utf8.elementsEqual(other.utf8) || name(below: other) != nil
  }

  /// The rest of this path below `other`; nil where it does not lie there.
  public func name(below other: String) -> String? {
    if other.isEmpty { return text }
    guard text.utf8.starts(with: other.utf8),
      text.utf8.dropFirst(other.utf8.count).first == 0x2F
    else { return nil }
    return String(decoding: text.utf8.dropFirst(other.utf8.count + 1), as: UTF8.self)
  }

  /// The path of a file of the snapshot here, by its name in it; this path itself for `""`.
  func appending(_ name: String) throws(HistoryError) -> TrackedPath {
    name.isEmpty ? self : try TrackedPath(text + "/" + name)
  }

  /// The path as text.
  public var description: String { text }

  /// Orders paths by their bytes.
  public static func < (left: TrackedPath, right: TrackedPath) -> Bool {
    left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
  }

  /// Paths are equal when their bytes are; Unicode's equivalent spellings are different paths.
  public static func == (left: TrackedPath, right: TrackedPath) -> Bool {
    left.text.utf8.elementsEqual(right.text.utf8)
  }

  /// Hashes the bytes.
  public func hash(into hasher: inout Hasher) {
    for byte in text.utf8 { hasher.combine(byte) }
  }

  /// The rule that a text breaks, as the end of a sentence; nil where it is a path to track.
  static func brokenRule(_ text: String) -> String? {
    if text.isEmpty { return "is empty" }
    if text.utf8.count > maximumByteCounts.path { return "is longer than 4096 bytes" }
    if text.unicodeScalars.contains(where: { $0.value < 0x20 || 0x7F..<0xA0 ~= $0.value }) {
      return "has control characters in it"
    }
    for component in components(of: text) {
      if component.isEmpty { return "has an empty component" }
      if component == "." || component == ".." { return "has the component \"\(component)\"" }
      if component.lowercased() == repositoryName { return "lies in the repository's own folder" }
      if component.utf8.count > maximumByteCounts.component {
        return "has a component of more than 255 bytes"
      }
    }
    return nil
  }

  private static func components(of text: String) -> [Substring] {
    text.utf8.split(separator: 0x2F, omittingEmptySubsequences: false).map { Substring($0) }
  }
}
