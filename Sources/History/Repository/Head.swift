public import Storage

/// Where the working tree stands: on a branch, or on a commit of its own.
public struct Head: Hashable, Sendable {
  /// What `HEAD` says.
  public let value: RefValue?
  /// The branch; nil where the head is detached.
  public let branch: RefName?
  /// The commit; nil on a branch that has none yet.
  public let commit: ObjectID?
  /// The tree that is staged, where it is not the commit's.
  public let staged: ObjectID?

  /// The update that moves to a commit what a commit moves: the branch, or the detached head.
  public func update(to commit: ObjectID) -> RefUpdate {
    if let branch {
      return RefUpdate(branch, from: self.commit.map { .object($0) }, to: .object(commit))
    }
    return RefUpdate(.head, from: value, to: .object(commit))
  }

  /// Updates that count only while the head, its branch and what is staged are as they were read:
  /// what is staged is made from all three, whichever of them moves.
  func guarding(_ updates: [RefUpdate]) -> [RefUpdate] {
    var read = [RefUpdate(.head, from: value, to: value)]
    if let branch {
      let tip = commit.map { RefValue.object($0) }
      read.append(RefUpdate(branch, from: tip, to: tip))
    }
    let index = staged.map { RefValue.object($0) }
    read.append(RefUpdate(.index, from: index, to: index))
    let moved = Set(updates.map(\.name))
    return updates + read.filter { !moved.contains($0.name) }
  }

  /// The update that stages a tree, or nothing; nil where that is so already.
  public func staging(_ tree: ObjectID?) -> RefUpdate? {
    guard staged != tree else { return nil }
    return RefUpdate(
      .index, from: staged.map { .object($0) }, to: tree.map { .object($0) })
  }
}

extension Repository {
  /// Where the working tree stands, all read from one state of the refs.
  public func head() throws(HistoryError) -> Head {
    let refs = try refs()
    var staged: ObjectID?
    if case .object(let tree) = refs[.index] { staged = tree }
    switch refs[.head] {
    case .symbolic(let branch):
      var commit: ObjectID?
      if case .object(let id) = refs[branch] { commit = id }
      return Head(value: refs[.head], branch: branch, commit: commit, staged: staged)
    case .object(let id):
      return Head(value: refs[.head], branch: nil, commit: id, staged: staged)
    case nil:
      do { try store.requireLog() } catch { throw .storage(error) }
      return Head(value: nil, branch: nil, commit: nil, staged: staged)
    }
  }

  /// The tree of a commit; nil where there is no commit.
  public func tree(of commit: ObjectID?) throws(HistoryError) -> ObjectID? {
    guard let commit else { return nil }
    return try read(Commit.self, commit).tree
  }

  /// The tree that the next commit would have; nil before anything was added.
  public func stagedTree(_ head: Head) throws(HistoryError) -> ObjectID? {
    if let staged = head.staged { return staged }
    return try tree(of: head.commit)
  }
}
