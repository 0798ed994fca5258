public import Digests
public import Storage

/// A commit in which an adapter stands.
public struct ContentPlace: Hashable, Sendable {
  /// The first commit that has it at the path.
  public let commit: ObjectID
  /// The path.
  public let path: TrackedPath
  /// The snapshot.
  public let snapshot: ObjectID
}

extension Repository {
  /// The commits that brought each of some adapters, by the ids that receipts have for them; of
  /// several places of one adapter the latest is first.
  ///
  /// All branches and tags are looked through.
  public func places(
    ofContents contents: Set<Digest>
  ) throws(HistoryError) -> [Digest: [ContentPlace]] {
    var starts: Set<ObjectID> = []
    for prefix in [RefName.prefixes.branches, RefName.prefixes.tags] {
      for (name, value) in try refs(below: prefix) {
        guard case .object(let id) = value else { continue }
        starts.insert(try peeled(id, name))
      }
    }
    if let head = try head().commit { starts.insert(head) }
    var known: [ObjectID: Digest?] = [:]
    var places: [Digest: [ContentPlace]] = [:]
    var walk = try CommitWalk(self, from: starts.sorted())
    while let (id, commit) = try walk.next() {
      let before = try tree(of: commit.parents.first)
      for change in try trees.changes(from: before, to: commit.tree) {
        guard let snapshot = change.new else { continue }
        if known[snapshot] == nil {
          known.updateValue(try read(Snapshot.self, snapshot).contentID, forKey: snapshot)
        }
        guard let content = known[snapshot] ?? nil, contents.contains(content) else { continue }
        places[content, default: []].append(
          ContentPlace(commit: id, path: change.path, snapshot: snapshot))
      }
    }
    return places
  }
}
