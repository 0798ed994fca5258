internal import Digests
internal import Files

/// Brings a damaged log back: from copies of it in other stores, or else by starting it anew with the
/// refs that its readable entries tell. The caller holds the lock of gc.
struct LogRepair {
  private let log: OperationLog
  private let others: [OperationLog]
  /// Entries that came back from another store.
  private(set) var restored: [Int] = []
  /// Entries that are in no store at hand; what only they said of refs is not known.
  private(set) var lost: [Int] = []

  init(_ log: OperationLog, others: [OperationLog]) {
    self.log = log
    self.others = others
  }

  /// Repairs what is damaged; nothing is changed where nothing is. Files that are replaced are kept
  /// by `keeping` first.
  mutating func run(
    at time: Timestamp, note: OperationNote, keeping: (Path) throws(StorageError) -> Void
  ) throws(StorageError) {
    guard let kept = try log.keptRange() else { return }
    for run in try damagedRuns(in: kept) {
      if try !restore(run, within: kept, keeping: keeping) { lost += Array(run) }
    }
    log.forget()
    guard !lost.isEmpty || !isReadable else { return }
    try log.restart(with: try refs(told: kept), at: time, note: note)
  }

  /// Whether the log can be read from its start.
  private var isReadable: Bool { log.verify().allSatisfy(\.isHarmless) }

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
    _ run: ClosedRange<Int>, within kept: ClosedRange<Int>,
    keeping: (Path) throws(StorageError) -> Void
  ) throws(StorageError) -> Bool {
    for other in others {
      guard let entries = other.chain(run), try fits(entries, run, within: kept) else { continue }
      for (number, entry) in zip(run, entries) {
        try log.replace(number, with: entry.bytes, keeping: keeping)
      }
      restored += Array(run)
      return true
    }
    return false
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
    return log.baseDigest(kept.lowerBound) == first.digest
  }

  /// The refs after the last entry as the readable ones tell them, from the newest checkpoint that
  /// holds.
  private func refs(told kept: ClosedRange<Int>) throws(StorageError) -> [RefName: RefValue] {
    var refs = (try? log.start(try log.baseSequence()))?.refs ?? [:]
    for number in kept {
      if let checkpoint = log.checkpoint(number) {
        refs = checkpoint.refs
      } else if let operation = try? log.operation(number) {
        for update in operation.updates { refs[update.name] = update.new }
      }
    }
    return refs
  }
}
