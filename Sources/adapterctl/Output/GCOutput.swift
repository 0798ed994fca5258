internal import Digests
internal import History
internal import JSON
internal import Storage

/// What cleaning up did, as it is shown.
struct GCOutput: CommandOutput {
  let report: CleanupReport
  let isDryRun: Bool

  func text(verbose: Bool) -> [String] {
    let garbage = report.garbage
    let would = isDryRun ? "would be " : ""
    func packs(_ count: Int) -> String { Numbers.count(count, "pack") }
    var lines: [String] = []
    if report.joinedCount > 0 { lines.append("\(packs(report.joinedCount)) \(would)joined") }
    if let dropped = report.repack?.droppedCount, dropped > 0 {
      lines.append("\(Numbers.count(dropped, "record")) dropped that nothing needs")
    }
    // What was joined waits with what nothing needed before.
    let condemned = garbage.condemned.count + waitingReplaced
    if condemned > 0 {
      lines.append("\(packs(condemned)) \(would)condemned, to be deleted by a gc in two weeks")
    }
    if !garbage.deleted.isEmpty {
      lines.append(
        "\(packs(garbage.deleted.count)) \(would)deleted, \(Numbers.bytes(garbage.deletedByteCount))"
      )
    }
    if garbage.expiredOperationCount > 0 {
      lines.append(
        "\(Numbers.count(garbage.expiredOperationCount, "old operation")) \(would)let go")
    }
    let leftovers = garbage.temporaryCount + report.staleCheckoutCount
    if leftovers > 0 {
      lines.append("\(Numbers.count(leftovers, "leftover")) of killed commands \(would)removed")
    }
    if lines.isEmpty { lines.append("nothing to do") }
    if !isDryRun {
      let before = Numbers.bytes(report.byteCountBefore)
      let after = Numbers.bytes(report.byteCountAfter)
      lines.append(before == after ? "packs: \(after)" : "packs: \(before) before, \(after) now")
    }
    return lines
  }

  /// The packs that were joined and are not deleted yet.
  private var waitingReplaced: Int {
    Set(report.repack?.replaced ?? []).subtracting(report.garbage.deleted)
      .subtracting(report.garbage.condemned).count
  }

  var json: JSONValue {
    func names(_ packs: [Digest]) -> JSONValue { .array(packs.map { .string($0.description) }) }
    return [
      "schema": "adapterctl.gc/1", "dry_run": .bool(isDryRun),
      "joined": .integer(report.joinedCount), "written": names(report.repack?.written ?? []),
      "replaced": names(report.repack?.replaced ?? []),
      "copied_records": .integer(report.repack?.recordCount ?? 0),
      "dropped_records": .integer(report.repack?.droppedCount ?? 0),
      "condemned": names(report.garbage.condemned), "deleted": names(report.garbage.deleted),
      "deleted_bytes": .integer(report.garbage.deletedByteCount),
      "expired_operations": .integer(report.garbage.expiredOperationCount),
      "temporary_files": .integer(report.garbage.temporaryCount),
      "stale_checkouts": .integer(report.staleCheckoutCount),
      "bytes_before": .integer(report.byteCountBefore),
      "bytes_after": .integer(report.byteCountAfter),
    ]
  }
}
