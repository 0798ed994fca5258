/// The settings that mean something to a repository.
///
/// Others are refused when they are set: a misspelt one would do nothing, and nobody would know.
public enum Setting {
  /// Their keys; `NAME` stands for the name of any base.
  public static let keys = ["user.name", "user.email", "base.NAME.path", "cache.decompositions"]

  /// Whether a key is one of them.
  public static func isKnown(_ key: String) -> Bool {
    keys.contains(key) && key != baseKey || baseName(of: key) != nil
  }

  /// Those that come close to a key.
  public static func nearMisses(of key: String) -> [String] { Near.misses(of: key, among: keys) }

  /// The rule that a value breaks, as the end of a sentence; nil where a key can have it.
  public static func brokenRule(_ value: String, of key: String) -> String? {
    if value.unicodeScalars.contains(where: { $0.value < 0x20 || 0x7F..<0xA0 ~= $0.value }) {
      return "has control characters in it"
    }
    // As for git, nobody need have an address.
    return key != "user.email" && value.allSatisfy(\.isWhitespace) ? "is empty" : nil
  }

  private static let baseKey = "base.NAME.path"

  /// The base whose place a key says; nil for any other key.
  private static func baseName(of key: String) -> Substring? {
    guard key.hasPrefix("base."), key.hasSuffix(".path"), key.utf8.count > 10 else { return nil }
    return key.dropFirst(5).dropLast(5)
  }
}
