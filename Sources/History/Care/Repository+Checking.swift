public import Adapters
internal import Storage

extension Repository {
  /// Checks the store, and that all its refs lead to is there and is what it says; changes nothing.
  ///
  /// Damage is told, not thrown. Throws `interrupted` where a stop was requested.
  public func check(
    _ level: CheckLevel, execution: Execution
  ) throws(HistoryError) -> CheckReport {
    let walk = CheckWalk(self, execution: execution)
    let damage = store.verify(level.ofStore)
    if level == .fast {
      walk.report.counts.refs = (try? refs().count) ?? 0
      for finding in damage { walk.found(.store(finding), at: CheckPlace()) }
      return walk.report
    }
    for finding in damage {
      // The walk says more about these.
      if case .brokenRef = finding { continue }
      walk.found(.store(finding), at: CheckPlace())
    }
    // Of damaged records the walk says what they belong to; a full one reads all files later.
    walk.readsChunks = level == .usual && !damage.allSatisfy(\.isHarmless)
    // Without a log there are no refs to start from, and the store has said so.
    guard let refs = try? refs() else { return walk.report }
    try walk.check(refs)
    try walk.readFiles(level)
    walk.report.affected = try AffectedVersions(self, by: walk.lost).found(from: refs)
    return walk.report
  }
}
