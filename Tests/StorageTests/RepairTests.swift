import Digests
import Files
import Synchronization
import TestSupport
import Testing

@testable import Storage

@Suite struct RepairTests {
  /// Five steps, each against the one before, in packs of their own.
  static func settled() throws -> MemoryFiles {
    let files = MemoryFiles()
    let store = try ObjectStore.create(at: Sample.root, files: files)
    var parent: Digest?
    for step in 1...5 {
      try Sample.commit(step: step, to: branch(step), in: store, parent: parent)
      parent = BLAKE3.digest(of: Sample.weights(step: step))
    }
    return files.afterwards(.none)
  }

  static func branch(_ step: Int) -> RefName { Sample.name("refs/heads/s\(step)") }

  /// The pack that has the weights of a step, and where they are in it.
  static func place(of step: Int, in files: MemoryFiles) throws -> (path: Path, entry: PackEntry) {
    let store = try ObjectStore(opening: Sample.root, files: files)
    let digest = BLAKE3.digest(of: Sample.weights(step: step))
    let place = try #require(try store.find(.chunk(digest)))
    return (store.paths.pack(place.pack), place.entry)
  }

  /// Flips a bit in the stored weights of a step.
  static func damage(_ step: Int, in files: MemoryFiles) throws {
    let (path, entry) = try place(of: step, in: files)
    files[path]?[entry.offset + entry.byteCount / 2] ^= 16
  }

  static func repair(
    _ files: MemoryFiles,
    from others: [MemoryFiles] = [],
    walking: Bool = true
  ) throws -> RepairReport {
    let store = try ObjectStore(opening: Sample.root, files: files)
    var sources: [ObjectStore] = []
    for other in others { sources.append(try ObjectStore(opening: Sample.root, files: other)) }
    guard walking else { return try store.repair(from: sources, at: Sample.now) }
    return try store.repair(from: sources, at: Sample.now, references: CareTests.references)
  }

  /// The steps that can be read as a whole.
  static func readable(_ files: MemoryFiles) throws -> [Int] {
    let store = try ObjectStore(opening: Sample.root, files: files)
    var steps: [Int] = []
    for step in 1...5 {
      let digest = BLAKE3.digest(of: Sample.weights(step: step))
      let common = BLAKE3.digest(of: Array("the same in every step".utf8))
      guard let id = try store.log.object(of: branch(step)), (try? store.object(id)) != nil,
        (try? store.chunk(digest)) != nil, (try? store.chunk(common)) != nil
      else { continue }
      steps.append(step)
    }
    return steps
  }

  /// Whether there is a record of a step's weights, which need not be readable.
  static func holds(step: Int, _ files: MemoryFiles) throws -> Bool {
    try ObjectStore(opening: Sample.root, files: files)
      .contains(chunk: BLAKE3.digest(of: Sample.weights(step: step)))
  }

  static func expectSound(_ files: MemoryFiles) throws {
    let store = try ObjectStore(opening: Sample.root, files: files)
    #expect(store.verify(.full) == [])
    #expect(try readable(files) == [1, 2, 3, 4, 5])
  }

  @Test func `finds nothing to do in a sound store`() throws {
    let files = try Self.settled()
    let before = files.fileNames
    #expect(try Self.repair(files, from: [try Self.settled()]).isEmpty)
    #expect(files.fileNames == before)
  }

  @Test(arguments: 1...5)
  func `fetches what is damaged from another store`(step: Int) throws {
    let files = try Self.settled()
    // The other one has it encoded otherwise.
    let other = try Self.settled()
    _ = try ObjectStore(opening: Sample.root, files: other)
      .repack(at: Sample.now, references: CareTests.references)
    try Self.damage(step, in: files)
    let report = try Self.repair(files, from: [try Self.empty(), other])
    #expect(report.quarantined.count == 1 && report.lost.isEmpty)
    #expect(report.fetchedCount >= 1 && report.salvagedCount >= 1)
    try Self.expectSound(files)
    #expect(files.fileNames.contains { $0.hasPrefix("/store/quarantine/") })
    let store = try ObjectStore(opening: Sample.root, files: files)
    #expect(try store.log.operations(limit: 1).first?.packs == report.written)
    #expect(try Self.repair(files).isEmpty)
  }

  static func empty() throws -> MemoryFiles {
    let files = MemoryFiles()
    _ = try ObjectStore.create(at: Sample.root, files: files)
    return files
  }

  @Test func `names what is lost, and keeps the rest`() throws {
    let files = try Self.settled()
    try Self.damage(4, in: files)
    let report = try Self.repair(files)
    // Step 5 stands on step 4, whose object and common chunk are not damaged.
    let digest = BLAKE3.digest(of: Sample.weights(step: 4))
    #expect(report.lost == [.chunk(digest)])
    #expect(try Self.readable(files) == [1, 2, 3])
    // The parent comes back from elsewhere, and with it the child, which nobody else has.
    let other = MemoryFiles()
    try Sample.commit(step: 4, in: try ObjectStore.create(at: Sample.root, files: other))
    #expect(try Self.repair(files, from: [other]).lost.isEmpty)
    try Self.expectSound(files)
  }

  @Test func `a list that is damaged costs nothing`() throws {
    let files = try Self.settled()
    let intact = files.afterwards(.none)
    for step in 1...5 {
      let path = try Self.place(of: step, in: intact).path
      let count = try #require(files[path]).count
      files[path]?[count - 1 - step] ^= 1
    }
    let report = try Self.repair(files, walking: false)
    #expect(report.lost.isEmpty && report.fetchedCount == 0 && report.salvagedCount == 11)
    try Self.expectSound(files)
  }

  @Test func `one pack with a damaged list is healed in its place`() throws {
    let files = try Self.settled()
    let path = try Self.place(of: 3, in: files).path
    let intact = try #require(files[path])
    files[path]?[intact.count - 3] ^= 1
    let report = try Self.repair(files)
    #expect(report.quarantined.isEmpty && report.written.count == 1)
    #expect(files[path] == intact)
    try Self.expectSound(files)
  }

  @Test func `every truncation of every pack is repaired from another store`() throws {
    let intact = try Self.settled()
    for name in intact.fileNames where name.hasSuffix(".pack") {
      let bytes = try #require(intact[Path(name)])
      let step = FaultTests.isSlow ? 7 : 401
      for count in stride(from: 0, to: bytes.count, by: step) {
        let files = intact.afterwards(.none)
        files[Path(name)] = Array(bytes.prefix(count))
        #expect(try Self.repair(files, from: [intact]).lost.isEmpty)
        try Self.expectSound(files)
      }
    }
  }

  @Test func `makes derived files anew, and moves away lists that cannot be read`() throws {
    let files = try Self.settled()
    let store = try ObjectStore(opening: Sample.root, files: files)
    for _ in 0..<64 { _ = try store.begin(at: Sample.now).commit([], at: Sample.now) }
    store.packs.updateIndex(always: true)
    try store.condemn([BLAKE3.digest(of: [1])], at: Sample.now)
    let damaged = [store.paths.checkpoint(64), store.paths.index, store.paths.condemned(1)]
    for path in damaged { files[path]?[70] ^= 1 }
    #expect(throws: StorageError.self) { try store.begin(at: Sample.now) }
    let report = try Self.repair(files)
    #expect(report.removed == damaged)
    try Self.expectSound(files)
    try Sample.commit(step: 9, in: try ObjectStore(opening: Sample.root, files: files))
  }

  @Test func `keeps out of the way of writers`() throws {
    let store = try ObjectStore(opening: Sample.root, files: try Self.settled())
    let transaction = try store.begin(at: Sample.now)
    #expect(throws: StorageError.locked) { try store.repair(at: Sample.now) }
    _ = try transaction.commit([], at: Sample.now)
  }

  @Test func `a kill or power cut at any change loses nothing that was sound`() throws {
    let settled = try Self.settled()
    let other = settled.afterwards(.none)
    try Self.damage(2, in: settled)
    let path = try Self.place(of: 1, in: settled).path
    let count = try #require(settled[path]).count
    settled[path]?[count - 3] ^= 1
    // Of step 5 the object is damaged. In the same pack the weights stand on step 4, and so on step 2:
    // they are kept though nobody can decode them now.
    let store = try ObjectStore(opening: Sample.root, files: other)
    let object = try #require(try store.log.object(of: Self.branch(5)))
    let place = try #require(try store.find(.object(object)))
    settled[store.paths.pack(place.pack)]?[place.entry.offset + place.entry.byteCount - 2] ^= 1
    let lost: Set<Reference> = [
      .chunk(BLAKE3.digest(of: Sample.weights(step: 2))), .object(object),
    ]
    var change = 0
    while true {
      let files = settled.afterwards(.none)
      files.setFault(.kill, at: change)
      _ = try? Self.repair(files, from: [other])
      let isEnd = files.changes.count <= change
      for cut in MemoryFiles.PowerCut.allCases {
        for seed in 1...(cut == .random ? UInt64(FaultTests.isSlow ? 40 : 2) : 1) {
          let what = "\(cut) \(seed) \(files.changes.last ?? "")"
          // Alone, whatever could be saved before can be saved now.
          let alone = files.afterwards(cut, seed: seed)
          let report = try Self.repair(alone)
          #expect(lost.isSuperset(of: report.lost), "\(what)")
          #expect(try Self.readable(alone).contains(1), "\(what)")
          #expect(try Self.holds(step: 5, alone), "\(what)")
          // With the other store, all comes back.
          let after = files.afterwards(cut, seed: seed)
          #expect(try Self.repair(after, from: [other]).lost.isEmpty, "\(what)")
          try Self.expectSound(after)
        }
      }
      if isEnd { break }
      change += 1
    }
    #expect(change > 15)
  }

  @Test(arguments: [nil, "fsync", "sync packs"])
  func `the check notices a sync that is left out`(sync: String?) throws {
    let settled = try Self.settled()
    for step in [1, 2] {
      let path = try Self.place(of: step, in: settled).path
      let count = try #require(settled[path]).count
      settled[path]?[count - 3] ^= 1
    }
    let state = settled.afterwards(.none).state.withLock { $0 }
    let files = MemoryFiles(state, ignoring: sync)
    #expect(try Self.repair(files).quarantined.count == 2)
    let cuts = (1...12).map { (MemoryFiles.PowerCut.random, UInt64($0)) } + [(.loseBytes, 1)]
    let isNoticed = cuts.contains { cut, seed in
      (try? Self.readable(files.afterwards(cut, seed: seed))) != [1, 2, 3, 4, 5]
    }
    #expect(isNoticed == (sync != nil))
  }
}
