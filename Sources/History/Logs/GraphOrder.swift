public import Storage

/// A commit as a graph shows it.
public struct GraphCommit: Sendable {
  /// Its id.
  public let id: ObjectID
  /// The commit.
  public let commit: Commit
  /// The nearest commits of the graph that it follows: its parents, where they are shown.
  public let parents: [ObjectID]
}

extension Repository {
  /// The commits that a query selects, ordered so that a commit comes before all that it follows and
  /// the commits of a branch stay together.
  public func graph(_ query: LogQuery) throws(HistoryError) -> [GraphCommit] {
    var walk = try CommitWalk(self, from: query.starts, excluding: query.excluding)
    var commits: [ObjectID: Commit] = [:]
    var found: [ObjectID] = []
    while let (id, commit) = try walk.next() {
      commits[id] = commit
      found.append(id)
    }
    let order = Self.ordered(found, commits)
    // From the oldest on: what stands for a commit in the graph is itself, or what stands for its
    // parents.
    var standIns: [ObjectID: [ObjectID]] = [:]
    var shown: [GraphCommit] = []
    for id in order.reversed() {
      guard let commit = commits[id] else { continue }
      var parents: [ObjectID] = []
      for parent in commit.parents.flatMap({ standIns[$0] ?? [] }) where !parents.contains(parent) {
        parents.append(parent)
      }
      if try query.selects(commit, in: self) {
        standIns[id] = [id]
        shown.append(GraphCommit(id: id, commit: commit, parents: parents))
      } else {
        standIns[id] = parents
      }
    }
    return shown.reversed().prefix(query.limit ?? .max).map { $0 }
  }

  private static func ordered(
    _ found: [ObjectID], _ commits: [ObjectID: Commit]
  ) -> [ObjectID] {
    var childCounts: [ObjectID: Int] = [:]
    for commit in commits.values {
      for parent in Set(commit.parents) { childCounts[parent, default: 0] += 1 }
    }
    // The last one comes next: a merged branch before what it was merged into.
    var ready = found.filter { childCounts[$0] == nil }.reversed().map { $0 }
    var order: [ObjectID] = []
    while let id = ready.popLast() {
      order.append(id)
      var released: Set<ObjectID> = []
      for parent in commits[id]?.parents ?? []
      where commits[parent] != nil && released.insert(parent).inserted {
        childCounts[parent, default: 1] -= 1
        if childCounts[parent] == 0 { ready.append(parent) }
      }
    }
    return order
  }
}
