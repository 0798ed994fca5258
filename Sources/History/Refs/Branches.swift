public import Storage

/// A branch.
public struct Branch: Hashable, Sendable {
  /// Its name, without `refs/heads/`.
  public let name: String
  /// The commit it names.
  public let commit: ObjectID
  /// Whether the head is on it.
  public let isCurrent: Bool
}

extension Repository {
  /// The branches, sorted by name.
  public func branches() throws(HistoryError) -> [Branch] {
    let head = try head()
    var branches: [Branch] = []
    for (name, value) in try refs(below: RefName.prefixes.branches) {
      guard case .object(let id) = value else { continue }
      branches.append(Branch(name: name, commit: id, isCurrent: head.branch?.short == name))
    }
    return branches.sorted { $0.name < $1.name }
  }

  /// Makes a branch at a commit, or moves one there with `force`; never the one the head is on. What
  /// it named before is given back.
  @discardableResult
  public func makeBranch(
    _ name: String, at commit: ObjectID, force: Bool, act: Act
  ) throws(HistoryError) -> ObjectID? {
    let ref = try RefName.newBranch(name)
    var before: ObjectID?
    try change(act) { _ throws(HistoryError) in
      let old = try refValue(ref)
      before = old?.id
      if old != nil, !force { throw .refExists(ref) }
      if try head().branch == ref, old != .object(commit) {
        throw .currentBranch(name)
      }
      return old == .object(commit) ? [] : [RefUpdate(ref, from: old, to: .object(commit))]
    }
    return before
  }

  /// Deletes a branch; the commit it named. Throws `notMerged` where commits would be lost with it,
  /// unless `force`.
  @discardableResult
  public func deleteBranch(
    _ name: String, force: Bool, act: Act
  ) throws(HistoryError) -> ObjectID? {
    let ref = try RefName.branch(name)
    var deleted: ObjectID?
    try change(act) { _ throws(HistoryError) in
      guard case .object(let id) = try refValue(ref) else {
        throw .noSuchRef("branch \"\(name)\"", nearMisses: try nearBranches(name))
      }
      guard try head().branch != ref else {
        throw .currentBranch(name)
      }
      if !force, try !isReachedElsewhere(id, than: ref) { throw .notMerged(name) }
      // Only while the head is where it was: somebody may be going there.
      let head = try refValue(.head)
      deleted = id
      return [RefUpdate(ref, from: .object(id), to: nil), RefUpdate(.head, from: head, to: head)]
    }
    return deleted
  }

  /// Gives a branch another name; the head stays on it. Its name before, and its commit, where it has
  /// one yet.
  @discardableResult
  public func renameBranch(
    _ name: String?, to other: String, act: Act
  ) throws(HistoryError) -> (old: String, commit: ObjectID?) {
    let new = try RefName.newBranch(other)
    var renamed: (old: String, commit: ObjectID?) = (other, nil)
    try change(act) { _ throws(HistoryError) in
      let head = try head()
      let old: RefName
      if let name {
        old = try .branch(name)
      } else if let branch = head.branch {
        old = branch
      } else {
        throw .invalidName(other, rule: "needs a branch to rename; the head is detached")
      }
      let value = try refValue(old)
      guard value != nil || head.branch == old else {
        throw .noSuchRef("branch \"\(old.short)\"", nearMisses: try nearBranches(old.short))
      }
      if try refValue(new) != nil { throw .refExists(new) }
      renamed = (old.short, value?.id)
      var updates: [RefUpdate] = []
      if let value {
        updates = [RefUpdate(old, from: value, to: nil), RefUpdate(new, from: nil, to: value)]
      }
      if head.branch == old {
        updates.append(RefUpdate(.head, from: head.value, to: .symbolic(new)))
      }
      return updates
    }
    return renamed
  }

  /// Whether the head, a branch or a tag, but for one of them, reaches a commit.
  public func isReachedElsewhere(
    _ commit: ObjectID, than ref: RefName? = nil
  ) throws(HistoryError) -> Bool {
    var starts: [ObjectID] = []
    for (name, value) in try refs() where name != ref && name != .index {
      let isCommits =
        name.text.hasPrefix(RefName.prefixes.branches) || name.text.hasPrefix(RefName.prefixes.tags)
        || name == .head
      guard isCommits, case .object(let id) = value else { continue }
      starts.append(try peeled(id, name.text))
    }
    var walk = try CommitWalk(self, from: starts)
    while let (id, _) = try walk.next() {
      if id == commit { return true }
    }
    return false
  }

  /// The branches whose names come close to one.
  public func nearBranches(_ name: String) throws(HistoryError) -> [String] {
    Near.misses(of: name, among: try refs(below: RefName.prefixes.branches).keys)
  }
}
