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

  /// A branch's ref that is to be made; throws `invalidName`, also for a whole id.
  public static func newBranch(_ name: String) throws(HistoryError) -> RefName {
    try refuseID(name)
    return try branch(name)
  }

  /// A tag's ref that is to be made; throws `invalidName`, also for a whole id.
  public static func newTag(_ name: String) throws(HistoryError) -> RefName {
    try refuseID(name)
    return try tag(name)
  }

  /// A whole id means its object before any ref, so a ref of that name could not be reached.
  private static func refuseID(_ name: String) throws(HistoryError) {
    guard name.utf8.count == 64, Repository.isDigits(name) else { return }
    throw .invalidName(name, rule: "has the form of a whole id, and would be read as one")
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
        rule: "may hold letters, digits and . _ - /, at most 64 of them between slashes, but no .. "
          + "and no @{; no part may begin with . or -, or end with . or .lock")
    }
  }

  private static func known(_ text: String) -> RefName {
    guard let name = try? RefName(text) else { preconditionFailure("a name of a ref") }
    return name
  }
}

extension RefValue {
  /// The object that a ref names itself; nil for one that follows another.
  public var id: ObjectID? {
    if case .object(let id) = self { id } else { nil }
  }
}
