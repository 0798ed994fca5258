public import Storage

/// What a repair did to a repository.
public struct RepositoryRepair: Sendable {
  /// What it did to the store.
  public let store: RepairReport
  /// The refs that were made for commits on no branch, after the log started anew: where a branch was
  /// may be known no more.
  public let found: [RefName]
}

extension Repository {
  /// Sets damaged packs aside and saves what is sound in them; what is lost is looked for in `others`.
  /// Where the log had to start anew, commits that no branch leads to get refs below `refs/lost/`.
  ///
  /// Throws `locked` while others write.
  public func repair(
    from others: [Repository] = [], act: Act
  ) throws(HistoryError) -> RepositoryRepair {
    let report: RepairReport
    do {
      report = try store.repair(
        from: others.map(\.store), at: act.time, note: act.note, references: HistoryReferences.of)
    } catch { throw .storage(error) }
    return RepositoryRepair(
      store: report, found: report.hasRestartedLog ? try keepLostCommits(act) : [])
  }
}
