internal import Digests
internal import Storage

extension Repository {
  /// The commits that neither a branch nor the head leads to, without those that another one of them
  /// leads to, sorted.
  func lostCommits() throws(HistoryError) -> [ObjectID] {
    var reached: Set<ObjectID> = []
    var waiting: [ObjectID] = []
    for (name, value) in try refs() {
      guard case .object(let id) = value, Self.kinds(of: name) == [.commit] else { continue }
      waiting.append(id)
    }
    // What is missing or damaged ends a branch of the search, and is told by a check.
    while let id = waiting.popLast() {
      guard reached.insert(id).inserted, let commit = try? read(Commit.self, id) else { continue }
      waiting += commit.parents
    }
    var lost: Set<ObjectID> = []
    var parents: Set<ObjectID> = []
    do throws(StorageError) {
      try store.forEachObject { id, kind in
        guard kind == .commit, !reached.contains(id), let commit = try? read(Commit.self, id) else {
          return
        }
        lost.insert(id)
        parents.formUnion(commit.parents)
      }
    } catch { throw .storage(error) }
    return lost.subtracting(parents).sorted()
  }

  /// Gives lost commits refs, `refs/lost/` and twelve digits of the id, so that they can be named and
  /// gc leaves them.
  func keepLostCommits(_ act: Act) throws(HistoryError) -> [RefName] {
    var names: [RefName] = []
    var updates: [RefUpdate] = []
    for id in try lostCommits() {
      guard let name = try? RefName("refs/lost/" + id.digest.hexadecimal.prefix(12)) else {
        continue
      }
      names.append(name)
      let before = try refValue(name)
      updates.append(RefUpdate(name, from: before, to: .object(id)))
    }
    try change(act) { _ throws(HistoryError) in updates }
    return names
  }
}
