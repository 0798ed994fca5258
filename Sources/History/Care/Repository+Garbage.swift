internal import Files
public import Storage

/// What cleaning up did, or would do.
public struct CleanupReport: Hashable, Sendable {
  /// How many packs were joined, or would be, each with its live records alone.
  public let joinedCount: Int
  /// What joining them did; nil for a dry run.
  public let repack: RepackReport?
  /// What became of packs that nothing needs.
  public let garbage: GarbageCollectionReport
  /// The folders that killed commands had left aside.
  public let staleCheckoutCount: Int
  /// The bytes of all packs before.
  public let byteCountBefore: Int
  /// The bytes of all packs after, condemned ones included.
  public let byteCountAfter: Int
}

extension Repository {
  /// Joins small packs, condemns or deletes those that nothing needs, and removes what killed
  /// commands left.
  ///
  /// What a ref leads to, or led to in the last 90 days, stays. Throws `locked` while others write.
  public func cleanUp(
    act: Act, options: GarbageCollectionOptions = GarbageCollectionOptions()
  ) throws(HistoryError) -> CleanupReport {
    // What is counted before and after must be there for as long: of two that clean up at once, one
    // would find that the other has deleted what it reads.
    var turn: (any Sendable)? = ()
    do { turn = try FileLock(own("lock").appending("cleanup"), exclusive: true) } catch {
      // A repository that may only be read can be looked at.
      guard options.isDryRun, case .notPermitted = error else { throw .file(error) }
    }
    guard let turn else { throw .storage(.locked) }
    defer { withExtendedLifetime(turn) {} }
    let (before, after): (PackedSize, PackedSize)
    var repack: RepackReport?
    let garbage: GarbageCollectionReport
    do throws(StorageError) {
      // Without a log everything would seem dead.
      try store.requireLog()
      before = try store.packedSize()
      if !options.isDryRun {
        repack = try store.repack(
          at: act.time, note: act.note, expirySeconds: options.expirySeconds,
          references: HistoryReferences.of)
      }
      garbage = try store.collectGarbage(
        at: act.time, options: options, references: HistoryReferences.of)
      after = try store.packedSize()
    } catch { throw .storage(error) }
    return CleanupReport(
      joinedCount: repack?.replaced.count ?? before.joinableCount, repack: repack,
      garbage: garbage,
      staleCheckoutCount: try removeStaleCheckouts(isDryRun: options.isDryRun),
      byteCountBefore: before.byteCount, byteCountAfter: after.byteCount)
  }
}
