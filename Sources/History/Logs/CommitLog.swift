public import Storage

/// The commits that a query selects, the newest first: read one by one, as they are asked for.
public struct CommitLog {
  private let repository: Repository
  private let query: LogQuery
  private var walk: CommitWalk
  private var count = 0

  /// The log of a query.
  public init(_ repository: Repository, _ query: LogQuery) throws(HistoryError) {
    self.repository = repository
    self.query = query
    walk = try CommitWalk(repository, from: query.starts, excluding: query.excluding)
  }

  /// The next commit; nil at the end.
  public mutating func next() throws(HistoryError) -> (id: ObjectID, commit: Commit)? {
    if let limit = query.limit, count >= limit { return nil }
    while let next = try walk.next() {
      guard try query.selects(next.commit, in: repository) else { continue }
      count += 1
      return next
    }
    return nil
  }

  /// All commits that are left.
  public mutating func all() throws(HistoryError) -> [(id: ObjectID, commit: Commit)] {
    var found: [(id: ObjectID, commit: Commit)] = []
    while let next = try next() { found.append(next) }
    return found
  }
}
