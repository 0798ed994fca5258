public import Digests
internal import Files

/// What repacking did.
public struct RepackReport: Hashable, Sendable {
  /// The packs whose live records were copied; they are condemned.
  public var replaced: [Digest] = []
  /// The packs that hold the copies.
  public var written: [Digest] = []
  /// The records that were copied.
  public var recordCount = 0
  /// The records that nothing reaches, which were not.
  public var droppedCount = 0
}

extension ObjectStore {
  /// Packs larger than this stay as they are.
  public static let repackedByteCount = 64 << 20

  /// Joins small packs into one, without what nothing reaches, and condemns them.
  ///
  /// Records are copied as they are, by their checks. Others may read and write meanwhile. Killed at
  /// any point, it leaves a sound store, at worst with copies. Does nothing with fewer than two small
  /// packs.
  public func repack(
    at time: Timestamp,
    note: OperationNote = OperationNote(command: "repack"),
    expirySeconds: Int = GarbageCollectionOptions().expirySeconds,
    references: ReferenceReader
  ) throws(StorageError) -> RepackReport {
    let transaction = try begin(at: time)
    var report = RepackReport()
    let condemned = try condemnedPacks()
    try packs.refresh()
    var small: [Digest] = []
    for name in packs.names where !condemned.contains(name) {
      if try packs.pack(name).byteCount <= Self.repackedByteCount { small.append(name) }
    }
    guard small.count > 1 else { return report }
    let expiry = Timestamp(seconds: time.seconds - expirySeconds)
    let needed = try needed(since: expiry, references: references)

    var copied: Set<StoredKey> = []
    for name in small {
      let pack = try packs.pack(name)
      for entry in try pack.footer().entries().sorted(by: { $0.offset < $1.offset }) {
        guard needed.contains(entry.key) else {
          report.droppedCount += 1
          continue
        }
        // Of several copies the one that is read, unless that is in a pack that stays.
        guard let location = try packs.find(entry.key),
          small.contains(location.pack) || condemned.contains(location.pack),
          copied.insert(entry.key).inserted
        else { continue }
        try transaction.append(
          FinishedRecord(
            try packs.pack(location.pack).recordBytes(location.entry),
            key: entry.key,
            depth: location.entry.depth
          )
        )
        report.recordCount += 1
      }
    }
    let operation = try transaction.commit([], note: note, at: time)
    report.written = operation.packs
    report.replaced = small.filter { !operation.packs.contains($0) }
    try condemn(report.replaced, at: time)
    packs.updateIndex(always: true, leaving: condemned.union(report.replaced))
    return report
  }
}
