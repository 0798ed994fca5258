public import Adapters
public import Storage

/// A commit that was made.
public struct Committed: Sendable {
  /// Its id.
  public let id: ObjectID
  /// The commit.
  public let commit: Commit
  /// The branch that moved; nil where the head is detached.
  public let branch: RefName?
  /// What differs from the commit before.
  public let changes: [TreeChange]
}

extension Repository {
  /// Commits what is staged.
  ///
  /// With `found` and `removing`, those paths are committed as they are in the working tree; of what
  /// is staged nothing else, as `git commit PATH` does, unless `withStaged` takes it along, as
  /// `commit -a` does. Other commands may commit meanwhile; none of them is lost. Throws
  /// `nothingToCommit` where the tree would be the one before.
  public func commit(
    message: String, author: Signature, found: [Found]? = nil, removing: [TrackedPath] = [],
    withStaged: Bool = false,
    base: Base? = nil, allowsEmpty: Bool = false, act: Act, execution: Execution,
    cache: DigestCache? = nil
  ) throws(HistoryError) -> Committed {
    var made: Committed?
    try change(act) { transaction throws(HistoryError) in
      let head = try head()
      let before = try tree(of: head.commit)
      var tree = try stagedTree(head)
      var staged: ObjectID?
      if let found {
        let ground = withStaged ? tree : before
        let changes = try snapshots(
          found, removing: removing, over: ground, base: base, transaction, execution, cache
        ).filter { $0.old != $0.new }
        let edits = Self.edits(changes)
        tree = try trees.write(ground, setting: edits, in: transaction)
        if let index = head.staged, !withStaged {
          staged = try trees.write(index, setting: edits, in: transaction)
        }
      }
      if tree == nil, allowsEmpty { tree = try trees.write(nil, setting: [:], in: transaction) }
      guard tree != before ?? Trees.empty || allowsEmpty, let tree else { throw .nothingToCommit }
      let commit = Commit(
        tree: tree, parents: head.commit.map { [$0] } ?? [], author: author, time: act.time,
        message: message.hasSuffix("\n") ? message : message + "\n")
      let id: ObjectID
      do throws(StorageError) { id = try transaction.put(commit.object) } catch {
        throw .storage(error)
      }
      made = Committed(id: id, commit: commit, branch: head.branch, changes: [])
      return head.guarding(
        [head.update(to: id), head.staging(staged == tree ? nil : staged)].compactMap { $0 })
    }
    guard let made else { throw .nothingToCommit }
    cache?.save()
    let before = try tree(of: made.commit.parents.first)
    return Committed(
      id: made.id, commit: made.commit, branch: made.branch,
      changes: try trees.changes(from: before, to: made.commit.tree))
  }
}
