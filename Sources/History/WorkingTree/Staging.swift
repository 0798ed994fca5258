public import Adapters
public import Storage
internal import Tensors

/// What adding did to one path.
public struct StagedChange: Hashable, Sendable {
  /// The path.
  public let path: TrackedPath
  /// What was staged there, or committed, before.
  public let old: ObjectID?
  /// What is staged there now; nil where it was taken out.
  public let new: ObjectID?
  /// What is staged there now.
  public let snapshot: Snapshot?
}

extension Repository {
  /// Stores what was found and stages it for the next commit; paths in `removing` are taken out.
  ///
  /// A snapshot's base is `base`, else the one its path had, else the registered base that its own
  /// configuration names. Everything happens in one operation, or nothing.
  public func stage(
    _ found: [Found], removing: [TrackedPath] = [], base: Base? = nil, act: Act,
    execution: Execution, cache: DigestCache? = nil
  ) throws(HistoryError) -> [StagedChange] {
    var changes: [StagedChange] = []
    try change(act) { transaction throws(HistoryError) in
      let head = try head()
      let before = try stagedTree(head)
      changes = try snapshots(
        found, removing: removing, over: before, base: base, transaction, execution,
        cache)
      let moved = changes.filter { $0.old != $0.new }
      guard !moved.isEmpty else { return [] }
      let tree = try trees.write(before, setting: Self.edits(moved), in: transaction)
      // What is staged may be what is committed again.
      let committed = try self.tree(of: head.commit) ?? Trees.empty
      return head.guarding([head.staging(tree == committed ? nil : tree)].compactMap { $0 })
    }
    cache?.save()
    return changes
  }

  /// The edits of a tree that changes amount to.
  static func edits(_ changes: [StagedChange]) -> [TrackedPath: ObjectID?] {
    var edits: [TrackedPath: ObjectID?] = [:]
    for change in changes { edits.updateValue(change.new, forKey: change.path) }
    return edits
  }

  /// Stores snapshots of what was found, beside those of a tree.
  func snapshots(
    _ found: [Found], removing: [TrackedPath], over tree: ObjectID?, base: Base?,
    _ transaction: Transaction, _ execution: Execution, _ cache: DigestCache?
  ) throws(HistoryError) -> [StagedChange] {
    let snapshotting = Snapshotting(self, transaction, execution: execution, cache: cache)
    var changes: [StagedChange] = []
    for found in found {
      let old = try trees.snapshot(at: found.path, in: tree)
      var own: (id: CheckpointID?, registered: Base?) = (base?.checkpoint, base)
      if base == nil { own = try self.base(of: found, before: old) }
      let (id, snapshot) = try snapshotting.take(
        found, base: own.id, storedAs: own.registered?.snapshot, parent: old)
      changes.append(StagedChange(path: found.path, old: old, new: id, snapshot: snapshot))
    }
    for path in removing {
      guard let old = try trees.snapshot(at: path, in: tree) else { continue }
      changes.append(StagedChange(path: path, old: old, new: nil, snapshot: nil))
    }
    return changes
  }

  /// The base of what was found, where none was given: the one its path had, registered here or not,
  /// else the registered one that its own configuration names.
  private func base(
    of found: Found, before old: ObjectID?
  ) throws(HistoryError) -> (id: CheckpointID?, registered: Base?) {
    guard found.content != .file else { return (nil, nil) }
    if let old, let id = try read(Snapshot.self, old).base {
      return (id, try base(ofCheckpoint: id))
    }
    let base = try baseFor(declared: found.declaredBase)
    return (base?.checkpoint, base)
  }
}
