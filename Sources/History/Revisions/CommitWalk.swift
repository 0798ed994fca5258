public import Storage

/// Commits in the order of a log: the newest first, a commit never before all that follow it where
/// their times say so.
public struct CommitWalk {
  private let repository: Repository
  // Sorted by time, the next one last.
  private var waiting: [(id: ObjectID, commit: Commit)] = []
  private var seen: Set<ObjectID> = []
  private var excluded: Set<ObjectID> = []

  /// A walk from some commits through all they follow, without those that `excluding` reach.
  public init(
    _ repository: Repository, from starts: [ObjectID], excluding: [ObjectID] = []
  ) throws(HistoryError) {
    self.repository = repository
    var behind = excluding
    while let id = behind.popLast() {
      guard excluded.insert(id).inserted else { continue }
      behind += try repository.read(Commit.self, id).parents
    }
    for start in starts { try add(start) }
  }

  /// The next commit; nil at the end.
  public mutating func next() throws(HistoryError) -> (id: ObjectID, commit: Commit)? {
    guard let last = waiting.popLast() else { return nil }
    for parent in last.commit.parents { try add(parent) }
    return last
  }

  private mutating func add(_ id: ObjectID) throws(HistoryError) {
    guard !excluded.contains(id), seen.insert(id).inserted else { return }
    let commit = try repository.read(Commit.self, id)
    // Before all that are newer; of equal times the one that was found first comes first.
    var place = waiting.count
    while place > 0, waiting[place - 1].commit.time >= commit.time { place -= 1 }
    waiting.insert((id, commit), at: place)
  }
}
