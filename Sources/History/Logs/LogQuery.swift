public import Storage

/// Which commits a log shows.
public struct LogQuery: Hashable, Sendable {
  /// Where it begins.
  public var starts: [ObjectID]
  /// Commits that are left out, with all that they follow.
  public var excluding: [ObjectID]
  /// How many are shown at most; nil for all.
  public var limit: Int?
  /// What must stand in the author's name or address.
  public var author: String?
  /// What must stand in the message.
  public var text: String?
  /// The earliest time of a commit that is shown; nil for any.
  public var since: Timestamp?
  /// The latest time of a commit that is shown; nil for any.
  public var until: Timestamp?
  /// Tracked paths: only commits are shown that change something at or below one of them, compared
  /// with their first parent. Empty for all commits.
  public var paths: [String]

  /// All commits from some on.
  public init(
    from starts: [ObjectID], excluding: [ObjectID] = [], limit: Int? = nil, author: String? = nil,
    text: String? = nil, paths: [String] = []
  ) {
    self.starts = starts
    self.excluding = excluding
    self.limit = limit
    self.author = author
    self.text = text
    self.paths = paths
  }

  /// Whether a commit is shown, as far as its position does not matter.
  func selects(_ commit: Commit, in repository: Repository) throws(HistoryError) -> Bool {
    if let author, !commit.author.description.contains(author) { return false }
    if let since, commit.time < since { return false }
    if let until, until < commit.time { return false }
    if let text, !commit.message.contains(text) { return false }
    guard !paths.isEmpty else { return true }
    let before = try repository.tree(of: commit.parents.first)
    return try repository.differ(before, commit.tree, at: paths)
  }
}

extension Repository {
  /// Whether two trees differ at or below one of some paths, which may also lie in a snapshot.
  ///
  /// Only the nodes in which the trees differ are read, and snapshots only for paths in them.
  func differ(
    _ old: ObjectID?, _ new: ObjectID?, at paths: [String]
  ) throws(HistoryError) -> Bool {
    for change in try trees.changes(from: old, to: new) {
      for path in paths {
        if change.path.isWithin(path) { return true }
        guard path.hasPrefix(change.path.text + "/") else { continue }
        let inner = String(path.dropFirst(change.path.text.count + 1))
        if try files(of: change.old, within: inner) != files(of: change.new, within: inner) {
          return true
        }
      }
    }
    return false
  }

  /// The files of a snapshot at and below a path in it.
  private func files(
    of snapshot: ObjectID?, within path: String
  ) throws(HistoryError) -> [String: ObjectID] {
    guard let snapshot else { return [:] }
    return try read(Snapshot.self, snapshot).files.filter {
      $0.key == path || $0.key.hasPrefix(path + "/")
    }.mapValues(\.file)
  }
}
