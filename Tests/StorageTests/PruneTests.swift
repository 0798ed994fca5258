import Digests
import Files
import Testing

@testable import Storage

/// Deleting at once, and what keeps that safe.
@Suite struct PruneTests {
  @Test func `deletes at once where nobody else uses the store`() throws {
    let store = try ObjectStore(opening: Sample.root, files: try CareTests.store())
    var options = GarbageCollectionOptions.pruningNow
    options.expirySeconds = 0
    options.isDryRun = true
    let would = try store.collectGarbage(
      at: CareTests.days(1), options: options, references: CareTests.references)
    #expect(would.deleted.count == 1 && would.condemned.isEmpty && store.packs.names.count == 6)
    options.isDryRun = false
    let report = try store.collectGarbage(
      at: CareTests.days(1), options: options, references: CareTests.references)
    #expect(report == would)
    #expect(store.packs.names.count == 5 && store.verify(.full).isEmpty)
    // The log still names what is gone: the next gc, which looks back further, is not put off by it.
    #expect(try CareTests.collect(store, after: 2).deleted.isEmpty)
    #expect(
      try store.repack(at: CareTests.days(2), references: CareTests.references).replaced.count == 5)
    // What repack condemned need not wait either.
    options.expirySeconds = GarbageCollectionOptions().expirySeconds
    _ = try store.collectGarbage(
      at: CareTests.days(2), options: options, references: CareTests.references)
    #expect(store.packs.names.count == 1 && store.verify(.full).isEmpty)
    #expect(try store.condemnedPacks().isEmpty)
    #expect(try Sample.read(Sample.main, in: store) == 5)
  }

  @Test func `waits 25 hours where others may use the store, whatever is asked for`() throws {
    let store = try ObjectStore(opening: Sample.root, files: try CareTests.store())
    var options = GarbageCollectionOptions()
    options.graceSeconds = 0
    let start = CareTests.days(100).seconds
    func collect(after seconds: Int) throws(StorageError) -> GarbageCollectionReport {
      try store.collectGarbage(
        at: Timestamp(seconds: start + seconds), options: options, references: CareTests.references)
    }
    #expect(try collect(after: 0).condemned.count == 1)
    #expect(try collect(after: 25 * 3600 - 1).deleted.isEmpty)
    #expect(try collect(after: 25 * 3600).deleted.count == 1)
  }

  @Test func `a writer does not lean on what another process deleted`() throws {
    let files = try CareTests.store()
    // Opened before, and it has looked at everything.
    let early = try ObjectStore(opening: Sample.root, files: files)
    let digest = BLAKE3.digest(of: Sample.weights(step: 20))
    #expect(try early.contains(chunk: digest))
    var options = GarbageCollectionOptions.pruningNow
    options.expirySeconds = 0
    _ = try ObjectStore(opening: Sample.root, files: files).collectGarbage(
      at: CareTests.days(1), options: options, references: CareTests.references)
    let branch = Sample.name("refs/heads/again")
    try Sample.commit(step: 20, to: branch, in: early)
    let later = try ObjectStore(opening: Sample.root, files: files)
    #expect(try Sample.read(branch, in: later) == 20)
  }

  @Test func `does nothing where a pack cannot be read`() throws {
    let files = try CareTests.store()
    let store = try ObjectStore(opening: Sample.root, files: files)
    let path = store.paths.pack(store.packs.names[0])
    files[path] = Array(try #require(files[path]).dropLast())
    let again = try ObjectStore(opening: Sample.root, files: files)
    #expect(throws: StorageError.self) { try CareTests.collect(again, after: 100) }
    #expect(throws: StorageError.self) {
      try again.repack(at: CareTests.days(100), references: CareTests.references)
    }
  }

  @Test func `the copy with the fewest parents behind it stays`() throws {
    let store = try ObjectStore.create(at: Sample.root, files: MemoryFiles())
    // A child in its own pack against a parent that stands alone, and the parent again, deeper.
    try Sample.commit(step: 1, in: store)
    let parent = BLAKE3.digest(of: Sample.weights(step: 1))
    let alone = try #require(try store.find(.chunk(parent))?.pack)
    try Sample.commit(step: 2, in: store, parent: parent)
    try Sample.commit(step: 3, to: Sample.name("refs/heads/side"), in: store)
    try store.condemn([alone], at: Sample.now)
    let transaction = try store.begin(at: Sample.now)
    let other = BLAKE3.digest(of: Sample.weights(step: 3))
    _ = try transaction.put([
      ChunkInput(Sample.weights(step: 1), layout: .bfloat16, parent: other)
    ])
    _ = try transaction.commit([], at: Sample.now)
    let deeper = try #require(try store.find(.chunk(parent), excluding: [alone]))
    #expect(deeper.entry.depth == 1)
    let needed = try store.needed(since: CareTests.days(0), references: CareTests.references)
    #expect(try !store.deadPacks(needed, condemned: [alone]).contains(alone))
  }
}
