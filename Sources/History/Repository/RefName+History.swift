public import Storage

extension RefName {
  /// The tree of the next commit.
  public static let index = known("INDEX")

  /// Where the names of each sort of ref begin.
  public static let prefixes = (
    branches: "refs/heads/", tags: "refs/tags/", bases: "refs/bases/", merges: "refs/merges/"
  )

  /// A branch's ref; throws `invalidName`.
  public static func branch(_ name: String) throws(HistoryError) -> RefName {
    try named(name, below: prefixes.branches)
  }

  /// A tag's ref; throws `invalidName`.
  public static func tag(_ name: String) throws(HistoryError) -> RefName {
    try named(name, below: prefixes.tags)
  }

  /// A registered base's ref; throws `invalidName`.
  public static func base(_ name: String) throws(HistoryError) -> RefName {
    try named(name, below: prefixes.bases)
  }

  /// The name as users write it: without `refs/heads/` and the like.
  public var short: String {
    for prefix in [Self.prefixes.branches, Self.prefixes.tags, Self.prefixes.bases]
    where text.hasPrefix(prefix) {
      return String(text.dropFirst(prefix.count))
    }
    return text
  }

  private static func named(
    _ name: String, below prefix: String
  ) throws(HistoryError) -> RefName {
    guard name != "HEAD", name != "INDEX", name != "@", !name.hasPrefix("refs/") else {
      throw .invalidName(name, rule: "means something else")
    }
    do { return try RefName(prefix + name) } catch {
      throw .invalidName(
        name,
        rule: "may hold letters, digits and . _ - /, at most 64 of them between slashes; no part "
          + "may begin with . or -, or end with . or .lock")
    }
  }

  private static func known(_ text: String) -> RefName {
    guard let name = try? RefName(text) else { preconditionFailure("a name of a ref") }
    return name
  }
}
