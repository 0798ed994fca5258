import Digests
import Files
import Testing

@testable import Storage

@Suite struct LogExpiryTests {
  static let count = 200

  /// A store whose ref moved back and forth, once a day.
  static func store() throws -> MemoryFiles {
    let store = try ObjectStore.create(at: Sample.root, files: MemoryFiles())
    try Sample.commit(step: 1, in: store)
    let one = try #require(try store.log.value(of: Sample.main))
    for day in 2...count {
      let name = Sample.name("refs/heads/b\(day % 7)")
      let old = try store.log.value(of: name)
      _ = try store.begin(at: CareTests.days(day)).commit(
        [RefUpdate(name, from: old, to: old == nil ? one : nil)],
        at: CareTests.days(day)
      )
    }
    return (store.files as? MemoryFiles)?.afterwards(.none) ?? MemoryFiles()
  }

  static func collect(
    _ store: ObjectStore,
    on day: Int,
    keeping count: Int = 20
  ) throws(StorageError) -> GarbageCollectionReport {
    var options = GarbageCollectionOptions()
    options.keptOperationCount = count
    return try store.collectGarbage(
      at: CareTests.days(day),
      options: options,
      references: CareTests.references
    )
  }

  static func numbers(_ files: MemoryFiles, _ suffix: String) -> [Int] {
    files.fileNames.compactMap { StorePaths.sequence(Path($0).name, suffix: suffix) }
  }

  @Test func `lets old operations go, and starts from what they left`() throws {
    let files = try Self.store()
    let store = try ObjectStore(opening: Sample.root, files: files)
    let refs = try store.log.refs()
    // Before day 90 nothing is old; on day 190 the first hundred are, and 64 is a checkpoint.
    #expect(try Self.collect(store, on: 90).expiredOperationCount == 0)
    #expect(try Self.collect(store, on: 190).expiredOperationCount == 63)
    #expect(Self.numbers(files, ".op") == Array(64...Self.count))
    #expect(Self.numbers(files, ".base") == [64])
    #expect(Self.numbers(files, ".ckpt") == [64, 128, 192])
    for store in [store, try ObjectStore(opening: Sample.root, files: files)] {
      #expect(try store.log.refs() == refs)
      #expect(try store.log.load(usingCheckpoints: false).refs == refs)
      #expect(try store.log.firstSequence() == 64)
      #expect(try store.log.operations().map(\.sequence) == (64...Self.count).reversed())
      #expect(throws: StorageError.missingOperation(63)) { try store.log.operation(63) }
      #expect(store.verify(.full).isEmpty)
    }
    // Later the log starts later, and the old start goes.
    #expect(try Self.collect(store, on: 400, keeping: 70).expiredOperationCount == 64)
    #expect(Self.numbers(files, ".base") == [128])
    #expect(try Self.collect(store, on: 400, keeping: 70).expiredOperationCount == 0)
    #expect(try Self.collect(store, on: 4000, keeping: 1).expiredOperationCount == 64)
    #expect(Self.numbers(files, ".op") == Array(192...Self.count))
    #expect(store.verify(.full).isEmpty)
    try Sample.commit(step: 2, in: store)
    #expect(try Sample.read(Sample.main, in: ObjectStore(opening: Sample.root, files: files)) == 2)
  }

  @Test func `keeps a thousand operations, and all above a young one`() throws {
    let store = try ObjectStore(opening: Sample.root, files: try Self.store())
    #expect(GarbageCollectionOptions().keptOperationCount == 1_000)
    #expect(
      try store.collectGarbage(at: CareTests.days(4000), references: CareTests.references)
        .expiredOperationCount == 0
    )
    #expect(try store.log.expirable(before: CareTests.days(130), keeping: 1) == 128)
    #expect(try store.log.expirable(before: CareTests.days(127), keeping: 1) == 64)
    #expect(try store.log.expirable(before: CareTests.days(4000), keeping: 137) == 64)
    #expect(try store.log.expirable(before: CareTests.days(4000), keeping: 138) == 0)
  }

  @Test func `a missing operation is still found, and so is damage to the start`() throws {
    let files = try Self.store()
    let store = try ObjectStore(opening: Sample.root, files: files)
    _ = try Self.collect(store, on: 190)
    for number in [64, 65, 100, 128, 199] {
      let damaged = files.afterwards(.none)
      damaged[store.paths.operation(number)] = nil
      let findings = try ObjectStore(opening: Sample.root, files: damaged).verify(.fast)
      #expect(findings.contains(.damagedLog(.missingOperation(number))), "\(number)")
    }
    let base = try #require(files[store.paths.base(64)])
    for offset in stride(from: 0, to: base.count, by: 3) {
      let damaged = files.afterwards(.none)
      var bytes = base
      bytes[offset] ^= 4
      damaged[store.paths.base(64)] = bytes
      let findings = try ObjectStore(opening: Sample.root, files: damaged).verify(.fast)
      #expect(findings.contains { !$0.isHarmless }, "\(offset)")
    }
    // Without it the log starts where it did not.
    files[store.paths.base(64)] = nil
    #expect(
      try ObjectStore(opening: Sample.root, files: files).verify(.fast)
        .contains(.damagedLog(.missingOperation(1)))
    )
  }

  @Test func `a kill or power cut at any change leaves a log that says the same`() throws {
    let settled = try Self.store()
    let refs = try ObjectStore(opening: Sample.root, files: settled).log.refs()
    var change = 0
    while true {
      let files = settled.afterwards(.none)
      files.setFault(.kill, at: change)
      let store = try ObjectStore(opening: Sample.root, files: files)
      _ = try? Self.collect(store, on: 190)
      let end = files.changes.count <= change
      for cut in MemoryFiles.PowerCut.allCases {
        let after = files.afterwards(cut, seed: UInt64(change + 1))
        #expect(FaultTests.problems(after) == [], "\(cut) \(files.changes.last ?? "")")
        let store = try ObjectStore(opening: Sample.root, files: after)
        #expect(try store.log.load(usingCheckpoints: false).refs == refs)
        #expect(try store.log.refs() == refs)
        guard change % 8 == 0 || change < 8 || end else { continue }
        // The next run finishes what this one began.
        _ = try Self.collect(store, on: 190)
        #expect(Self.numbers(after, ".op") == Array(64...Self.count))
        #expect(store.verify(.full).isEmpty)
      }
      if end { break }
      change += change < 8 ? 1 : 9
    }
    #expect(change > 60)
  }

  @Test(arguments: ["fsync", "sync log"])
  func `the check notices a sync that is left out`(sync: String) throws {
    let settled = try Self.store()
    let files = MemoryFiles(settled.afterwards(.none).state.withLock { $0 }, ignoring: sync)
    _ = try Self.collect(try ObjectStore(opening: Sample.root, files: files), on: 190)
    let cuts = (1...6).map { (MemoryFiles.PowerCut.random, UInt64($0)) } + [(.loseBytes, 1)]
    #expect(cuts.contains { !FaultTests.problems(files.afterwards($0.0, seed: $0.1)).isEmpty })
  }
}
