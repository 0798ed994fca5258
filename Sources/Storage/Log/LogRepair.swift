internal import Digests
internal import Files

/// Brings a damaged log back: from copies of it in other stores, or else by starting it anew with the
/// refs that its readable files tell. The caller holds the lock of gc.
struct LogRepair {
  private let store: ObjectStore
  private let others: [OperationLog]
  /// Gives a file a second name in `quarantine`.
  private let keep: (Path) throws(StorageError) -> Void
  /// Entries that came back from another store.
  private(set) var restored: [Int] = []
  /// Entries that are in no store at hand; what only they said of refs is not known.
  private(set) var lost: [Int] = []
  /// Whether the log was started anew.
  private(set) var hasRestarted = false

  private var log: OperationLog { store.log }

  init(
    _ store: ObjectStore, others: [ObjectStore],
    keeping keep: @escaping (Path) throws(StorageError) -> Void
  ) {
    self.store = store
    self.others = others.map(\.log)
    self.keep = keep
  }

  /// Repairs what is damaged; nothing is changed where nothing is. Files that are replaced are kept
  /// first.
  mutating func run(at time: Timestamp, note: OperationNote) throws(StorageError) {
    try restoreEnd()
    guard let kept = try log.keptRange() else { return }
    for run in try damagedRuns(in: kept) {
      if try !restore(run, within: kept) { lost += Array(run) }
    }
    log.forget()
    guard !lost.isEmpty || !isReadable else { return }
    try log.restart(with: try refs(told: kept), at: time, note: note)
    hasRestarted = true
    // What was before is no part of the log any more.
    for path in try log.filesBelowBase() {
      try keep(path)
      do { try log.files.remove(path) } catch { throw .file(error) }
    }
  }

  /// Whether the log can be read from its start.
  private var isReadable: Bool { log.verify().allSatisfy(\.isHarmless) }

  /// Brings back the last entries, or all of them, from a store whose log goes on from the end of this
  /// one: where it names packs that are here, and none that it has and this one lacks. Those are the
  /// trace of what was done here; nothing else tells that a log was longer. Where nothing is left of
  /// the log, and no store has such a trace, one is believed whose refs all lead to what is here.
  private mutating func restoreEnd() throws(StorageError) {
    let kept = try log.keptRange()
    for other in others where try restoreEnd(from: other, behind: kept, if: isTraced) { return }
    guard kept == nil else { return }
    for other in others where try restoreEnd(from: other, behind: nil, if: leadsHere) { return }
  }

  private mutating func restoreEnd(
    from other: OperationLog, behind kept: ClosedRange<Int>?,
    if isOurs: ([OperationLog.Entry], OperationLog) -> Bool
  ) throws(StorageError) -> Bool {
    guard let theirs = try? other.keptRange(), other.verify().allSatisfy(\.isHarmless) else {
      return false
    }
    var first = theirs.lowerBound
    if let last = kept?.upperBound {
      guard theirs.contains(last), last < theirs.upperBound, try log.isSound(last),
        try log.digest(of: last) == other.digest(of: last)
      else { return false }
      first = last + 1
    }
    let run = first...theirs.upperBound
    guard let entries = other.chain(run), isOurs(entries, other) else { return false }
    if kept == nil, let state = try? other.start(other.baseSequence()), state.sequence > 0 {
      try log.writeBase(state)
    }
    try write(entries, run)
    return true
  }

  /// Whether entries of another log name packs that are here, and none that only the other has.
  private func isTraced(_ entries: [OperationLog.Entry], in other: OperationLog) -> Bool {
    let packs = Set(store.packs.names)
    let named = Set(entries.flatMap(\.operation.packs))
    return !named.isDisjoint(with: packs)
      && named.subtracting(packs).allSatisfy { !other.has(pack: $0) }
  }

  /// Whether all refs of another log lead to what is stored here.
  private func leadsHere(_ entries: [OperationLog.Entry], in other: OperationLog) -> Bool {
    let refs = (try? other.refs()) ?? [:]
    return !refs.isEmpty
      && refs.values.allSatisfy {
        guard case .object(let id) = $0 else { return true }
        return (try? store.contains(id)) == true
      }
  }

  /// The entries that are not there or not what they were, in runs without a gap.
  private func damagedRuns(in kept: ClosedRange<Int>) throws(StorageError) -> [ClosedRange<Int>] {
    var runs: [ClosedRange<Int>] = []
    for number in kept where try !log.isSound(number) {
      if let last = runs.last, last.upperBound == number - 1 {
        runs[runs.count - 1] = last.lowerBound...number
      } else {
        runs.append(number...number)
      }
    }
    return runs
  }

  /// Writes a run again as another store has it, where that fits what stands before and behind it:
  /// the chain of digests leaves one possibility, but at the end, where it leaves those that follow
  /// what is here.
  private mutating func restore(
    _ run: ClosedRange<Int>, within kept: ClosedRange<Int>
  ) throws(StorageError) -> Bool {
    for other in others {
      guard let entries = other.chain(run), try fits(entries, run, within: kept) else { continue }
      try write(entries, run)
      return true
    }
    return false
  }

  /// Writes entries from the last to the first: killed in between, the rest is a run that is missing,
  /// and comes back in the same way.
  private mutating func write(
    _ entries: [OperationLog.Entry], _ run: ClosedRange<Int>
  ) throws(StorageError) {
    for (number, entry) in zip(run, entries).reversed() {
      try log.replace(number, with: entry.bytes, keeping: keep)
    }
    restored += Array(run)
  }

  private func fits(
    _ entries: [OperationLog.Entry], _ run: ClosedRange<Int>, within kept: ClosedRange<Int>
  ) throws(StorageError) -> Bool {
    guard let first = entries.first, let last = entries.last else { return false }
    if run.upperBound < kept.upperBound {
      guard try log.operation(run.upperBound + 1).previous == last.digest else { return false }
    }
    if run.lowerBound == 1 { return first.operation.previous == nil }
    if run.lowerBound > kept.lowerBound {
      return try log.digest(of: run.lowerBound - 1) == first.operation.previous
    }
    return log.toldState(after: kept.lowerBound)?.digest == first.digest
  }

  /// The refs after the last entry as the readable files tell them: entries on top of the newest base
  /// or checkpoint.
  private func refs(told kept: ClosedRange<Int>) throws(StorageError) -> [RefName: RefValue] {
    var refs: [RefName: RefValue] = [:]
    for number in kept {
      if let told = log.toldState(after: number) {
        refs = told.refs
      } else if let operation = try? log.operation(number) {
        for update in operation.updates { refs[update.name] = update.new }
      }
    }
    return refs
  }
}
