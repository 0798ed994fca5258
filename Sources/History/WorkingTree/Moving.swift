public import Adapters
public import Storage

extension Repository {
  /// Where `switch` goes.
  public enum Destination: Sendable {
    /// A branch that exists.
    case branch(RefName)
    /// A branch that is made at a commit; nil for where the head is.
    case newBranch(RefName, at: ObjectID?)
    /// A commit of its own.
    case detached(ObjectID)
  }

  /// Takes the head and the working tree elsewhere; the paths whose files changed.
  ///
  /// What is changed and not committed stays, where the two commits agree about it; elsewhere
  /// `wouldOverwrite` is thrown, unless `force` gives it up.
  public func move(
    to destination: Destination, force: Bool = false, act: Act, execution: Execution
  ) throws(HistoryError) -> [TrackedPath] {
    let head = try head()
    let target: ObjectID?
    switch destination {
    case .branch(let name):
      guard case .object(let id) = try refValue(name) else { throw .unbornBranch(name.short) }
      target = id
    case .newBranch(let name, let id):
      if try refValue(name) != nil { throw .refExists(name) }
      target = id ?? head.commit
    case .detached(let id): target = id
    }
    let from = try tree(of: head.commit)
    let to = try tree(of: target)
    let changes =
      force
      ? try discarding(head, to: to) : try trees.changes(from: from, to: to)
    let staged = try keptStaging(head, changes, force: force)
    // Before the first file is touched.
    try trees.checkedPaths(of: to, setting: staged)
    let moved = try update(changes, force: force, execution)
    try change(act) { transaction throws(HistoryError) in
      try requireUnmoved(head)
      var updates: [RefUpdate] = []
      switch destination {
      case .branch(let name):
        updates = [RefUpdate(.head, from: head.value, to: .symbolic(name))]
      case .newBranch(let name, _):
        updates = [RefUpdate(.head, from: head.value, to: .symbolic(name))]
        if let target { updates.append(RefUpdate(name, from: nil, to: .object(target))) }
      case .detached(let id): updates = [RefUpdate(.head, from: head.value, to: .object(id))]
      }
      updates.removeAll { $0.old == $0.new }
      var index: ObjectID?
      if !staged.isEmpty { index = try trees.write(to, setting: staged, in: transaction) }
      return updates + [head.staging(index == to ? nil : index)].compactMap { $0 }
    }
    return moved
  }

  /// What brings the working tree to a tree whatever was changed in it: also the paths about which the
  /// commits agree.
  private func discarding(
    _ head: Head, to tree: ObjectID?
  ) throws(HistoryError) -> [TreeChange] {
    var changes = try trees.changes(from: try stagedTree(head), to: tree)
    let known = Set(changes.map(\.path))
    for change in try status(findsUntracked: false).unstaged where !known.contains(change.path) {
      let id = try trees.snapshot(at: change.path, in: tree)
      changes.append(TreeChange(path: change.path, old: id, new: id))
    }
    return changes
  }

  /// Throws where another command moved the head since it was read: files were brought to what it
  /// was then.
  private func requireUnmoved(_ head: Head) throws(HistoryError) {
    let now = try self.head()
    guard now == head else {
      throw .storage(.refMoved(.head, expected: head.value, actual: now.value))
    }
  }

  /// What is staged and stays so at another commit.
  private func keptStaging(
    _ head: Head, _ changes: [TreeChange], force: Bool
  ) throws(HistoryError) -> [TrackedPath: ObjectID?] {
    guard let index = head.staged, !force else { return [:] }
    var kept: [TrackedPath: ObjectID?] = [:]
    for change in try trees.changes(from: try tree(of: head.commit), to: index) {
      kept.updateValue(change.new, forKey: change.path)
    }
    let lost = changes.filter { change in
      guard let staged = kept[change.path] else { return false }
      return staged != change.new
    }
    guard lost.isEmpty else { throw .wouldOverwrite(lost.map(\.path)) }
    return kept
  }

  /// Brings the working tree from one tree's snapshots to another's.
  func update(
    _ changes: [TreeChange], force: Bool, _ execution: Execution
  ) throws(HistoryError) -> [TrackedPath] {
    var moves: [WorkingTreeUpdate.Move] = []
    for change in changes {
      moves.append(
        .init(
          path: change.path, old: try snapshot(change.old), new: try snapshot(change.new)))
    }
    let update = WorkingTreeUpdate(self, execution: execution)
    if !force { try update.check(moves) }
    try update.apply(moves)
    return moves.map(\.path)
  }

  private func snapshot(_ id: ObjectID?) throws(HistoryError) -> Snapshot? {
    guard let id else { return nil }
    return try read(Snapshot.self, id)
  }

  /// What `reset` takes back beside the branch.
  public enum ResetDepth: Sendable {
    /// Nothing.
    case soft
    /// What is staged.
    case mixed
    /// What is staged, and the working tree's files.
    case hard
  }

  /// Moves the branch of the head to a commit; nil on a branch that has none yet, where there is only
  /// what is staged to take back.
  public func reset(
    to target: ObjectID?, _ depth: ResetDepth, act: Act, execution: Execution
  ) throws(HistoryError) -> [TrackedPath] {
    let head = try head()
    var moved: [TrackedPath] = []
    if depth == .hard {
      let changes = try discarding(head, to: try tree(of: target))
      moved = try update(changes, force: true, execution)
    }
    try change(act) { _ throws(HistoryError) in
      try requireUnmoved(head)
      var updates: [RefUpdate] = []
      if let target, head.commit != target { updates.append(head.update(to: target)) }
      switch depth {
      case .soft:
        // What was staged stays so; what the commits differ in becomes staged.
        let staged = try stagedTree(head)
        let tree = try tree(of: target)
        if let update = head.staging(staged == tree ? nil : staged) { updates.append(update) }
      case .mixed, .hard: if let update = head.staging(nil) { updates.append(update) }
      }
      return updates
    }
    return moved
  }

  /// Stages what a revision has at and below some paths, or takes it out; the paths.
  public func unstage(
    _ paths: [String], to tree: ObjectID?, act: Act
  ) throws(HistoryError) -> [TrackedPath] {
    var moved: [TrackedPath] = []
    try change(act) { transaction throws(HistoryError) in
      let head = try head()
      let staged = try stagedTree(head)
      let changes = try trees.changes(from: staged, to: tree)
        .filter { change in paths.contains { change.path.isWithin($0) } }
      moved = changes.map(\.path)
      guard !changes.isEmpty else { return [] }
      var edits: [TrackedPath: ObjectID?] = [:]
      for change in changes { edits.updateValue(change.new, forKey: change.path) }
      let index = try trees.write(staged, setting: edits, in: transaction)
      let committed = try self.tree(of: head.commit) ?? Trees.empty
      return head.guarding([head.staging(index == committed ? nil : index)].compactMap { $0 })
    }
    return moved
  }

  /// Gives files of the working tree back as a tree has them at and below some paths; the paths that
  /// were restored. Whatever was changed there is lost; without `force`, `wouldOverwrite` is thrown
  /// instead.
  public func restoreFiles(
    _ paths: [String], from tree: ObjectID?, force: Bool = true, execution: Execution
  ) throws(HistoryError) -> [TrackedPath] {
    let current = try stagedTree(try head())
    var moves: [TreeChange] = []
    var restored: [TrackedPath] = []
    for path in paths {
      if let file = try fileMove(path, in: tree) {
        try WorkingTreeUpdate(self, execution: execution).apply([file])
        restored.append(try TrackedPath(path))
        continue
      }
      let wanted = try trees.entries(of: tree, within: path)
      let tracked = try trees.entries(of: current, within: path)
      guard !wanted.isEmpty || !tracked.isEmpty else {
        throw .notTracked(
          path, revision: nil,
          nearMisses: Near.misses(of: path, among: try trees.entries(of: tree).map(\.path.text)))
      }
      for (path, id) in wanted {
        moves.append(
          TreeChange(path: path, old: try trees.snapshot(at: path, in: current), new: id))
      }
      let kept = Set(wanted.map(\.path))
      for (path, id) in tracked where !kept.contains(path) {
        moves.append(TreeChange(path: path, old: id, new: nil))
      }
    }
    return restored + (try update(moves, force: force, execution))
  }

  /// The move that gives back one file of a snapshot; nil where a path is no such file.
  private func fileMove(
    _ path: String, in tree: ObjectID?
  ) throws(HistoryError) -> WorkingTreeUpdate.Move? {
    guard !path.isEmpty else { return nil }
    let tracked = try TrackedPath(path)
    for ancestor in tracked.ancestors {
      let outer = try TrackedPath(ancestor)
      guard let id = try trees.snapshot(at: outer, in: tree) else { continue }
      var snapshot = try read(Snapshot.self, id)
      guard let name = tracked.name(below: ancestor) else { continue }
      var inside: [String: Snapshot.File] = [:]
      for (file, stored) in snapshot.files where !file.isEmpty {
        if try TrackedPath(file).isWithin(name) { inside[file] = stored }
      }
      guard !inside.isEmpty else { return nil }
      snapshot.files = inside
      return .init(path: outer, old: nil, new: snapshot)
    }
    return nil
  }
}
