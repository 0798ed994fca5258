public import Digests
public import Files

/// What a repair did, and what it could not do.
public struct RepairReport: Hashable, Sendable {
  /// Damaged packs that were moved to `quarantine`.
  public var quarantined: [Digest] = []
  /// New packs with what was saved and fetched. One of them may have the name of a damaged one, which it
  /// then replaced.
  public var written: [Digest] = []
  /// Records that were copied out of damaged packs.
  public var salvagedCount = 0
  /// Objects and chunks that came from other stores, or were stored again from a sound copy.
  public var fetchedCount = 0
  /// What is in no store at hand.
  public var lost: [Reference] = []
  /// Entries of the log that came from other stores.
  public var restoredOperations: [Int] = []
  /// Entries of the log that are in no store at hand; where only these have moved a ref, that is not
  /// known.
  public var lostOperations: [Int] = []
  /// Whether the log starts anew with the refs that its readable files tell.
  public var hasRestartedLog = false
  /// Derived files that were damaged: they were removed, and are made anew when needed.
  public var removed: [Path] = []

  /// Whether nothing was damaged.
  public var isEmpty: Bool { self == RepairReport() }
}

extension ObjectStore {
  /// Moves damaged packs out of the way, and saves or fetches what was in them.
  ///
  /// Intact records are copied by their check and their id; what is missing then is looked for in
  /// `others`; what is in none of them is reported by its id. With `references`, whatever a ref leads
  /// to is looked for, too: without them, what was in a pack whose list is damaged is not known. Entries
  /// of the log come back from a store with the same log; where none has them, the log starts anew.
  ///
  /// Nobody may write meanwhile: throws `locked` where somebody does. New packs are published before
  /// damaged ones move, so that a kill at any point loses nothing that was sound, and the next repair
  /// goes on.
  public func repair(
    from others: [ObjectStore] = [],
    at time: Timestamp,
    note: OperationNote = OperationNote(command: "fsck --repair"),
    references: ReferenceReader? = nil
  ) throws(StorageError) -> RepairReport {
    let lock: (any Sendable)?
    do { lock = try files.lock(paths.gcLock, exclusive: true) } catch { throw .file(error) }
    guard let lock else { throw .locked }
    defer { withExtendedLifetime(lock) {} }
    defer { try? packs.setAside([]) }
    var report = RepairReport()
    do throws(FileError) {
      for directory in paths.directories { try Self.make(directory, files: files) }
    } catch { throw .file(error) }
    report.removed = try removeDamagedDerived()
    try packs.refresh()
    // Before the packs: refs lead to what is looked for.
    var logRepair = LogRepair(self, others: others, keeping: keepAside)
    try logRepair.run(at: time, note: note)
    report.restoredOperations = logRepair.restored
    report.lostOperations = logRepair.lost
    report.hasRestartedLog = logRepair.hasRestarted
    var damaged: [Digest] = []
    for name in packs.names where isDamaged(name) { damaged.append(name) }
    let saver = RecordSaver(self, others: others)
    for name in damaged { try saver.collect(from: name) }
    try packs.setAside(Set(damaged))
    try saver.saveCollected()
    try saver.restoreMissing(references: references)
    report.written = saver.written
    report.salvagedCount = saver.salvagedCount
    report.fetchedCount = saver.fetchedCount
    report.lost = saver.lost.sorted().map(\.reference)
    // The log says who did it.
    if !saver.written.isEmpty {
      _ = try log.append([], packs: saver.written, note: note, at: time)
    }
    for name in damaged where !saver.written.contains(name) {
      try quarantine(paths.pack(name))
      report.quarantined.append(name)
    }
    try packs.setAside([])
    if !report.isEmpty { packs.updateIndex(always: true) }
    return report
  }

  /// Whether a pack is not what was written, or holds a record that is wrong for itself: one whose
  /// parent is missing or damaged is not.
  private func isDamaged(_ name: Digest) -> Bool {
    do throws(StorageError) {
      let pack = try packs.pack(name)
      let entries = try pack.footer().entries()
      guard try pack.digest() == name else { return true }
      let codec = ChunkCodec()
      for entry in entries {
        let record = try pack.record(entry)
        guard let parent = record.parent else {
          switch entry.key.space {
          case .object: _ = try record.object()
          case .chunk: _ = try chunk(in: record, depth: 0, using: codec)
          }
          continue
        }
        do throws(StorageError) {
          _ = try chunk(in: record, depth: entry.depth, using: codec)
        } catch {
          if let above = try? packs.find(.chunk(parent))?.entry.depth, above < entry.depth,
            (try? chunk(parent, using: codec)) != nil
          {
            return true
          }
        }
      }
      return false
    } catch { return true }
  }

  /// Removes checkpoints and an index that are not what they should be, and moves away lists of
  /// condemned packs that cannot be read: what is dead is condemned anew.
  private func removeDamagedDerived() throws(StorageError) -> [Path] {
    var removed: [Path] = []
    for finding in log.verify() {
      guard case .damagedCheckpoint(let number) = finding else { continue }
      removed.append(paths.checkpoint(number))
    }
    if !verifyDerived(.full).isEmpty {
      removed += [paths.index, paths.newIndex].filter { (try? files.open($0)) != nil }
    }
    for path in removed {
      do { try files.remove(path) } catch { throw .file(error) }
    }
    for path in try damagedCondemnations() {
      try quarantine(path)
      removed.append(path)
    }
    return removed
  }

  /// Moves a file to `quarantine`, under a name that is free.
  private func quarantine(_ path: Path) throws(StorageError) {
    try keepAside(path)
    do throws(FileError) {
      try files.remove(path)
      try files.syncNames(in: path.parent)
    } catch { throw .file(error) }
  }

  /// Gives a file a second name in `quarantine`, one that is free.
  private func keepAside(_ path: Path) throws(StorageError) {
    do throws(FileError) {
      let taken = Set(try files.names(in: paths.quarantine))
      var name = path.name
      var number = 1
      while taken.contains(name) {
        number += 1
        name = "\(path.name).\(number)"
      }
      try files.link(path, as: paths.quarantine.appending(name))
      try files.syncNames(in: paths.quarantine)
    } catch { throw .file(error) }
  }
}
