internal import Storage
internal import Tensors

extension Repository {
  /// Forgets a registered base; its name and where it was.
  ///
  /// Throws `baseInUse` where a snapshot on a branch, or a staged one, was trained on it and no other
  /// name has the same content; `force` does it all the same.
  public func unregister(
    baseNamed name: String, force: Bool, act: Act
  ) throws(HistoryError) -> Base {
    let ref = try RefName.base(name)
    let base = try base(named: name)
    if !force, try baseNames(ofCheckpoint: base.checkpoint).count == 1,
      let use = try firstUse(of: base.checkpoint)
    {
      throw .baseInUse(name, commit: use.commit, use.path)
    }
    try change(act) { _ throws(HistoryError) in
      guard let id = try self.resolve(ref) else { return [] }
      return [RefUpdate(ref, from: .object(id), to: nil)]
    }
    var configuration = try configuration()
    if configuration[Self.pathKey(name)] != nil {
      configuration[Self.pathKey(name)] = nil
      try write(configuration)
    }
    return base
  }

  /// A commit on a branch with a snapshot that was trained on a base; no commit for a staged one.
  private func firstUse(
    of base: CheckpointID
  ) throws(HistoryError) -> (commit: ObjectID?, path: TrackedPath)? {
    var seen: Set<ObjectID> = []
    func use(in tree: ObjectID?) throws(HistoryError) -> TrackedPath? {
      guard let tree, seen.insert(tree).inserted else { return nil }
      for (path, snapshot) in try trees.entries(of: tree) where seen.insert(snapshot).inserted {
        if try read(Snapshot.self, snapshot).base == base { return path }
      }
      return nil
    }
    let head = try head()
    if let path = try use(in: head.staged) { return (nil, path) }
    var starts = try refs(below: RefName.prefixes.branches).values.compactMap { value in
      if case .object(let id) = value { id } else { nil }
    }
    if let commit = head.commit { starts.append(commit) }
    var walk = try CommitWalk(self, from: starts)
    while let (id, commit) = try walk.next() {
      if let path = try use(in: commit.tree) { return (id, path) }
    }
    return nil
  }
}
