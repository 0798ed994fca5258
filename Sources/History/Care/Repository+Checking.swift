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
    var damage = store.verify(level.ofStore)
    var hasLog = true
    do { try store.requireLog() } catch {
      hasLog = false
      let finding = Storage.Finding.damagedLog(error)
      if !damage.contains(finding) { damage.append(finding) }
    }
    for finding in damage {
      // The walk says more about these.
      if level != .fast, case .brokenRef = finding { continue }
      walk.found(.store(finding), at: CheckPlace())
    }
    guard hasLog, level != .fast else {
      walk.report.counts.refs = (try? refs().count) ?? 0
      return walk.report
    }
    // Of damaged records the walk says what they belong to; a full one reads all files later.
    walk.readsChunks = level == .usual && !damage.allSatisfy(\.isHarmless)
    // With a damaged log there are no refs to start from, and the store has said so.
    guard let refs = try? refs() else { return walk.report }
    try walk.check(refs)
    try walk.readFiles(level)
    walk.report.affected = try AffectedVersions(self, by: walk.lost).found(from: refs)
    return walk.report
  }
}
