import Digests
import Files
import Testing

@testable import Storage

@Suite struct CareTests {
  static let day = 24 * 60 * 60

  static func days(_ count: Int) -> Timestamp {
    Timestamp(seconds: Sample.now.seconds + count * day)
  }

  /// What the objects of `Sample` list.
  static func references(_ object: StoredObject) throws(StorageError) -> [Reference] {
    String(decoding: object.payload, as: UTF8.self).split(separator: " ").compactMap {
      Digest(String($0)).map { .chunk($0) }
    }
  }

  /// Five steps, each against the one before, and a branch that was deleted.
  static func store() throws -> MemoryFiles {
    let files = MemoryFiles()
    let store = try ObjectStore.create(at: Sample.root, files: files)
    var parent: Digest?
    for step in 1...5 {
      try Sample.commit(step: step, in: store, parent: parent)
      parent = BLAKE3.digest(of: Sample.weights(step: step))
    }
    let branch = Sample.name("refs/heads/gone")
    try Sample.commit(step: 20, to: branch, in: store)
    let value = try store.log.value(of: branch)
    _ = try store.begin(at: Sample.now).commit(
      [RefUpdate(branch, from: value, to: nil)],
      at: Sample.now
    )
    return files.afterwards(.none)
  }

  static func collect(
    _ store: ObjectStore,
    after count: Int,
    dryRun: Bool = false
  ) throws(StorageError) -> GarbageCollectionReport {
    var options = GarbageCollectionOptions()
    options.isDryRun = dryRun
    return try store.collectGarbage(at: days(count), options: options, references: references)
  }

  @Test func `condemns what nothing reaches, waits, and deletes`() throws {
    let files = try Self.store()
    let store = try ObjectStore(opening: Sample.root, files: files)
    // The log keeps everything for three months.
    #expect(try Self.collect(store, after: 80).condemned.isEmpty)
    let would = try Self.collect(store, after: 100, dryRun: true)
    #expect(would.condemned.count == 1 && would.packCount == 6)
    #expect(try store.condemnedPacks().isEmpty)
    // All five steps are parents of one another: only the deleted branch goes.
    #expect(try Self.collect(store, after: 100) == would)
    #expect(try Self.collect(store, after: 113).deleted.isEmpty)
    let report = try Self.collect(store, after: 115)
    #expect(report.deleted == would.condemned && report.deletedByteCount > 0)
    #expect(try store.condemnedPacks().isEmpty)
    #expect(try Sample.read(Sample.main, in: store) == 5)
    #expect(store.verify(.full) == [])
    #expect(store.packs.names.count == 5)
  }

  @Test func `a writer and gc keep out of each other's way`() throws {
    let store = try ObjectStore(opening: Sample.root, files: try Self.store())
    let transaction = try store.begin(at: Sample.now)
    #expect(throws: StorageError.locked) { try Self.collect(store, after: 100) }
    _ = try transaction.commit([], at: Sample.now)
  }

  @Test func `what is condemned is stored again, not leant on`() throws {
    let store = try ObjectStore(opening: Sample.root, files: try Self.store())
    let condemned = try Self.collect(store, after: 100).condemned
    let weights = ChunkInput(Sample.weights(step: 20), layout: .bfloat16)
    let transaction = try store.begin(at: Self.days(101))
    let digest = try transaction.put([weights])[0]
    let packs = try transaction.commit([], at: Self.days(101)).packs
    #expect(packs.count == 1 && packs != condemned)
    #expect(try store.chunk(digest) == weights.bytes)
  }

  @Test func `repacks into one pack that reads the same`() throws {
    let files = try Self.store()
    let store = try ObjectStore(opening: Sample.root, files: files)
    let report = try store.repack(at: Self.days(100), references: Self.references)
    #expect(report.written.count == 1 && report.replaced.count == 6)
    // Weights of five steps, what is common, one object; four objects and a branch are dropped.
    #expect(report.recordCount == 7 && report.droppedCount == 6)
    #expect(try Self.collect(store, after: 100).condemned.isEmpty)
    let deleted = try Self.collect(store, after: 115).deleted
    #expect(Set(deleted) == Set(report.replaced))
    for next in [store, try ObjectStore(opening: Sample.root, files: files)] {
      #expect(try Sample.read(Sample.main, in: next) == 5)
      #expect(next.verify(.full) == [])
      #expect(next.packs.names == report.written)
    }
    #expect(try store.repack(at: Self.days(116), references: Self.references) == RepackReport())
  }

  @Test func `a kill at any change of repack and gc leaves a sound store`() throws {
    let settled = try Self.store()
    var change = 0
    while true {
      let files = settled.afterwards(.none)
      files.setFault(.kill, at: change)
      if let store = try? ObjectStore(opening: Sample.root, files: files) {
        _ = try? store.repack(at: Self.days(100), references: Self.references)
        _ = try? Self.collect(store, after: 100)
        _ = try? Self.collect(store, after: 120)
      }
      for cut in MemoryFiles.PowerCut.allCases {
        for seed in 1...(cut == .random ? UInt64(4) : 1) {
          let after = files.afterwards(cut, seed: seed)
          #expect(FaultTests.problems(after) == [], "\(cut) \(files.changes.last ?? "")")
          let store = try ObjectStore(opening: Sample.root, files: after)
          #expect(try Sample.read(Sample.main, in: store) == 5)
          _ = try store.repack(at: Self.days(130), references: Self.references)
          _ = try Self.collect(store, after: 130)
          _ = try Self.collect(store, after: 150)
          #expect(try Sample.read(Sample.main, in: store) == 5)
          #expect(store.packs.names.count == 1)
        }
      }
      if files.changes.count <= change { break }
      change += 1
    }
    #expect(change > 20)
  }
}
