import Digests
import Files
import Parallel
import TestSupport
import Testing

@testable import Storage

/// Writers, gc, repack and a clock that jumps, in random order and in the middle of one another: what a
/// ref leads to is always there, and what was acknowledged stays.
@Suite struct CollectionModelTests {
  @Test(arguments: 0..<4)
  func `gc takes nothing that is reachable`(part: Int) throws {
    let count = FaultTests.isSlow ? 10_000 : 500
    var deleted = 0
    for seed in stride(from: part, to: count, by: 4) {
      // Every third time the locks do not hold: grace and deadline are all there is.
      var model = try CollectionModel(seed: UInt64(seed), hasLocks: seed % 3 != 0)
      for _ in 0..<60 { try model.step() }
      try model.check()
      #expect(model.broken == [])
      deleted += model.deletedCount
    }
    #expect(deleted > count / 20)
  }

  @Test(arguments: [true, false])
  func `without locks, the wait is what protects a writer`(waits: Bool) throws {
    var model = try CollectionModel(seed: 2, hasLocks: false, waits: waits)
    try model.begin(0, branch: 0, step: 5)
    try model.commit(0)
    try model.delete(0, by: 0)
    model.clock += 16 * 86_400
    // A writer that takes for stored what nothing reaches, and gc before it commits.
    try model.begin(1, branch: 1, step: 5)
    try model.collect(by: 0)
    try? model.commit(1)
    try model.check()
    #expect(model.deletedCount == (waits ? 0 : 1))
    #expect(model.steps == [1: 5])
    #expect(model.broken.isEmpty == waits)
  }
}

/// One store, and those who use it.
struct CollectionModel {
  struct Writer {
    var store: ObjectStore
    var skewSeconds: Int
    var open: Open?
  }

  /// A transaction that is not committed yet.
  struct Open {
    let transaction: Transaction
    let branch: Int
    let step: Int
    let object: ObjectID
  }

  static let weights = (0..<8).map { Sample.weights(step: $0, count: 48) }

  let files: MemoryFiles
  let seed: UInt64
  let hasLocks: Bool
  /// How long the log keeps things alive.
  let expirySeconds: Int
  var generator: SeededGenerator
  var clock = Sample.now.seconds
  var writers: [Writer] = []
  /// What each branch holds, by what was acknowledged.
  var steps: [Int: Int] = [:]
  var deletedCount = 0
  /// What should not have happened.
  var broken: [String] = []
  /// Whether gc waits before it deletes where locks do not hold.
  let waits: Bool

  init(seed: UInt64, hasLocks: Bool, waits: Bool = true) throws {
    self.waits = waits
    files = MemoryFiles(ignoring: hasLocks ? nil : "lock")
    self.seed = seed
    self.hasLocks = hasLocks
    expirySeconds = (seed & 1 == 0 ? 3 : 90) * 86_400
    generator = SeededGenerator(seed: seed &+ 77)
    _ = try ObjectStore.create(at: Sample.root, files: files)
    for _ in 0..<3 {
      // Clocks differ by less than the hour that the grace period allows for.
      writers.append(
        Writer(
          store: try ObjectStore(opening: Sample.root, files: files),
          skewSeconds: generator.index(below: 1700)
        )
      )
    }
  }

  static func branch(_ number: Int) -> RefName { Sample.name("refs/heads/m\(number)") }

  mutating func step() throws {
    let writer = generator.index(below: writers.count)
    switch generator.index(below: 24) {
    case 0...4:
      let step = generator.index(below: Self.weights.count)
      try begin(writer, branch: generator.index(below: 3), step: step)
    case 5...12: try commit(writer)
    case 13: try delete(generator.index(below: 3), by: writer)
    case 14: try revive(by: writer)
    case 15...17: try collect(by: writer)
    case 18: try repack(by: writer)
    case 19: writers[writer].store = try ObjectStore(opening: Sample.root, files: files)
    // A process that dies before its commit.
    case 20: writers[writer].open = nil
    default:
      let days = [1, 2, 5, 16, 95].map { $0 * 86_400 + 7200 }
      let jumps = [60, 600, 3600, 12 * 3600] + days
      clock += jumps[generator.index(below: jumps.count)]
    }
  }

  func now(_ writer: Int) -> Timestamp {
    Timestamp(seconds: clock + writers[writer].skewSeconds)
  }

  /// Throws what may not happen: a writer and gc may be in each other's way, a transaction may take too
  /// long, and where locks do not hold, gc may take a temporary file or a parent that nothing needs.
  func tolerate(_ error: StorageError) throws(StorageError) {
    switch error {
    case .locked, .transactionTooOld: break
    case .file, .missingChunk: if hasLocks { throw error }
    default: throw error
    }
  }

  mutating func begin(_ number: Int, branch: Int, step: Int) throws {
    guard writers[number].open == nil else { return }
    let parent = steps[generator.index(below: 3)].map { BLAKE3.digest(of: Self.weights[$0]) }
    do throws(StorageError) {
      writers[number].open = try started(number, branch: branch, step: step, parent: parent)
    } catch { try tolerate(error) }
  }

  private func started(
    _ number: Int,
    branch: Int,
    step: Int,
    parent: Digest?
  ) throws(StorageError) -> Open {
    let transaction = try writers[number].store.begin(at: now(number))
    let input = ChunkInput(Self.weights[step], layout: .bfloat16, parent: parent)
    let chunks = try transaction.put([input], workers: Workers(count: 1))
    let object = try transaction.put(Sample.object("step \(step): \(chunks[0])"))
    return Open(transaction: transaction, branch: branch, step: step, object: object)
  }

  mutating func commit(_ number: Int) throws {
    guard let open = writers[number].open else { return }
    writers[number].open = nil
    let old = try writers[number].store.log.value(of: Self.branch(open.branch))
    do throws(StorageError) {
      _ = try open.transaction.commit(
        [RefUpdate(Self.branch(open.branch), from: old, to: .object(open.object))],
        at: now(number)
      )
      steps[open.branch] = open.step
    } catch { try tolerate(error) }
  }

  mutating func delete(_ branch: Int, by number: Int) throws {
    let store = writers[number].store
    guard let old = try store.log.value(of: Self.branch(branch)) else { return }
    do throws(StorageError) {
      _ = try store.begin(at: now(number)).commit(
        [RefUpdate(Self.branch(branch), from: old, to: nil)],
        at: now(number)
      )
      steps[branch] = nil
    } catch { try tolerate(error) }
  }

  /// Moves a branch back to where it was, as undo does: what the log says until its expiry is there.
  mutating func revive(by number: Int) throws {
    let store = writers[number].store
    let young = clock - expirySeconds + 86_400
    let operations = try store.log.operations(while: { $0.time.seconds > young })
    guard let update = operations.randomElement(using: &generator)?.updates.first,
      case .object(let id) = update.old ?? update.new,
      let branch = (0..<3).first(where: { Self.branch($0) == update.name })
    else { return }
    let current = try store.log.value(of: update.name)
    do throws(StorageError) {
      _ = try store.begin(at: now(number)).commit(
        [RefUpdate(update.name, from: current, to: .object(id))],
        at: now(number)
      )
      let text = String(decoding: try store.object(id).payload, as: UTF8.self)
      steps[branch] = Int(text.split(separator: " ")[1].dropLast())
    } catch { try tolerate(error) }
  }

  /// Runs gc; where the locks do not hold, a commit may come in its middle.
  mutating func collect(by number: Int) throws {
    var options = GarbageCollectionOptions()
    if generator.next() & 1 == 0 { options.graceSeconds = 0 }
    if hasLocks ? generator.index(below: 4) == 0 : !waits { options = .pruningNow }
    options.expirySeconds = expirySeconds
    let inTheMiddle = interruption(of: number)
    do throws(StorageError) {
      deletedCount += try writers[number].store.collectGarbage(
        at: now(number),
        options: options,
        references: CareTests.references
      ).deleted.count
    } catch { try tolerate(error) }
    try finish(inTheMiddle)
    try check()
  }

  mutating func repack(by number: Int) throws {
    let inTheMiddle = interruption(of: number)
    do throws(StorageError) {
      _ = try writers[number].store.repack(
        at: now(number), expirySeconds: expirySeconds, references: CareTests.references)
    } catch { try tolerate(error) }
    try finish(inTheMiddle)
    try check()
  }

  /// A commit of another writer that happens at one of the next changes, or never.
  private mutating func interruption(of number: Int) -> Interruption? {
    let other = (number + 1) % writers.count
    guard let open = writers[other].open, generator.next() & 1 == 0 else { return nil }
    let result = Interruption(
      by: other,
      open.transaction,
      RefUpdate(
        Self.branch(open.branch),
        from: try? writers[other].store.log.value(of: Self.branch(open.branch)),
        to: .object(open.object)
      ),
      at: now(other)
    )
    files.setFault(
      .interrupt { result.run() }, at: files.changes.count + generator.index(below: 6))
    return result
  }

  private mutating func finish(_ interruption: Interruption?) throws {
    files.state.withLock { $0.faults = [:] }
    guard let interruption, interruption.hasRun else { return }
    let writer = interruption.writer
    if interruption.isCommitted, let open = writers[writer].open { steps[open.branch] = open.step }
    writers[writer].open = nil
  }

  /// Notes what a ref leads to and is not there, or is not what was acknowledged.
  mutating func check() throws {
    let store = try ObjectStore(opening: Sample.root, files: files)
    for branch in 0..<3 {
      let id = try store.log.object(of: Self.branch(branch))
      guard let step = steps[branch] else {
        if id != nil { broken.append("seed \(seed): branch \(branch) is there") }
        continue
      }
      let digest = BLAKE3.digest(of: Self.weights[step])
      let object = Sample.object("step \(step): \(digest)")
      if id != object.id || (try? store.object(object.id)) != object
        || (try? store.chunk(digest)) != Self.weights[step]
      {
        broken.append("seed \(seed): branch \(branch) has lost step \(step)")
      }
    }
    guard hasLocks else { return }
    for finding in store.verify(.full) where !finding.isHarmless {
      broken.append("seed \(seed): \(finding)")
    }
  }
}

/// A commit that is made from inside another command. It runs on that command's thread.
final class Interruption: @unchecked Sendable {
  let writer: Int
  private let transaction: Transaction
  private let update: RefUpdate
  private let time: Timestamp
  private(set) var hasRun = false
  private(set) var isCommitted = false

  init(by writer: Int, _ transaction: Transaction, _ update: RefUpdate, at time: Timestamp) {
    self.writer = writer
    self.transaction = transaction
    self.update = update
    self.time = time
  }

  func run() {
    hasRun = true
    isCommitted = (try? transaction.commit([update], at: time)) != nil
  }
}
