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

  /// The components, outermost first.
  public var components: [Substring] { text.split(separator: "/") }

  /// The paths above this one, outermost first.
  public var ancestors: [String] {
    components.indices.dropFirst().map { components[..<$0].joined(separator: "/") }
  }

  /// Whether this path is `other` or lies below it.
  public func isWithin(_ other: String) -> Bool {
    text == other || text.hasPrefix(other + "/") || other.isEmpty
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
    for component in text.split(separator: "/", omittingEmptySubsequences: false) {
      if component.isEmpty { return "has an empty component" }
      if component == "." || component == ".." { return "has the component \(component)" }
      if component.lowercased() == repositoryName { return "lies in the repository's own folder" }
      if component.utf8.count > maximumByteCounts.component {
        return "has a component of more than 255 bytes"
      }
    }
    return nil
  }
}
