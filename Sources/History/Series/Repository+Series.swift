public import Adapters
internal import Storage

/// A checkpoint of a run, and the commit that has it.
public struct SeriesCommit: Sendable {
  /// The checkpoint.
  public let step: TrainingRun.Step
  /// The commit that was made; nil where an earlier one has these files.
  public let committed: Committed?

  /// A checkpoint that is not committed, or was made a commit.
  public init(step: TrainingRun.Step, committed: Committed? = nil) {
    self.step = step
    self.committed = committed
  }
}

extension Repository {
  /// Commits the checkpoints of a run one after the other at one path, so that its history is the
  /// training's; each is stored as a step from the one before.
  ///
  /// A checkpoint whose files some commit of the branch has at the path already is left out, so an
  /// import that was interrupted can be repeated. `announce` is called after each.
  public func commit(
    _ run: TrainingRun, at path: TrackedPath, base: Base?, author: Signature, act: Act,
    execution: Execution, announce: (SeriesCommit) -> Void = { _ in }
  ) throws(HistoryError) -> [SeriesCommit] {
    var known = try filesInHistory(of: path)
    var commits: [SeriesCommit] = []
    for step in run.steps {
      let files = try fileIDs(step.found, execution)
      var done = SeriesCommit(step: step)
      if known.insert(files).inserted {
        let subject = "\(path): step \(step.number)"
        let message = Message(subject).adding(trailers: step.metrics)
        done = SeriesCommit(
          step: step,
          committed: try commit(
            message: message.text, author: author, found: [step.found.tracked(at: path)],
            base: base, act: act.summarised("commit: \(subject)"), execution: execution))
      }
      commits.append(done)
      announce(done)
    }
    return commits
  }

  /// What the commits of the head's history have at a path, as the files' ids by their names.
  private func filesInHistory(of path: TrackedPath) throws(HistoryError) -> Set<[String: ObjectID]>
  {
    var found: Set<[String: ObjectID]> = []
    var seen: Set<ObjectID> = []
    var walk = try CommitWalk(self, from: [try head().commit].compactMap { $0 })
    while let (_, commit) = try walk.next() {
      guard let id = try trees.snapshot(at: path, in: commit.tree), seen.insert(id).inserted else {
        continue
      }
      found.insert(try read(Snapshot.self, id).files.mapValues(\.file))
    }
    return found
  }

  private func fileIDs(
    _ found: Found, _ execution: Execution
  ) throws(HistoryError) -> [String: ObjectID] {
    var ids: [String: ObjectID] = [:]
    for file in found.files {
      ids[file.name] = try FileDescription(of: file.path, execution: execution).record.id
    }
    return ids
  }
}
