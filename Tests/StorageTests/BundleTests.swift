import Digests
import Files
import TestSupport
import Testing

@testable import Storage

@Suite struct BundleTests {
  static let path = Path("/store/steps.bundle")

  /// Five steps as `RepairTests` makes them.
  static func source() throws -> (store: ObjectStore, refs: [RefName: ObjectID]) {
    let store = try ObjectStore(opening: Sample.root, files: try RepairTests.settled())
    var refs: [RefName: ObjectID] = [:]
    for (name, value) in try store.log.refs() {
      if case .object(let id) = value { refs[name] = id }
    }
    return (store, refs)
  }

  static func receiver() throws -> ObjectStore {
    try ObjectStore.create(at: Sample.root, files: MemoryFiles())
  }

  /// The bytes of a bundle of some steps.
  static func bytes(
    of steps: ClosedRange<Int>,
    after prerequisite: Int? = nil
  ) throws -> [UInt8] {
    let (store, refs) = try source()
    let names = Set(steps.map { RepairTests.branch($0) })
    let before = prerequisite.flatMap { refs[RepairTests.branch($0)] }
    try Bundle.create(
      at: path,
      from: store,
      refs: refs.filter { names.contains($0.key) },
      excluding: before.map { [$0] } ?? [],
      files: store.files,
      references: CareTests.references
    )
    let reader = try store.files.open(path)
    return try reader.bytes(at: 0, count: reader.byteCount)
  }

  static func bundle(_ bytes: [UInt8]) throws(StorageError) -> Bundle {
    let files = MemoryFiles()
    files[path] = bytes
    return try Bundle(opening: path, files: files)
  }

  /// The bytes with a digest that fits.
  static func sealed(_ bytes: [UInt8]) -> [UInt8] {
    let body = Array(bytes.dropLast(32))
    return body + BLAKE3.digest(of: body).bytes
  }

  /// Takes a bundle in and places its refs.
  static func receive(_ bundle: Bundle, in store: ObjectStore) throws(StorageError) {
    let transaction = try store.begin(at: Sample.now)
    try bundle.unbundle(into: transaction, references: CareTests.references)
    let old = try store.log.refs()
    _ = try transaction.commit(
      bundle.refs.map { RefUpdate($0.key, from: old[$0.key], to: .object($0.value)) },
      at: Sample.now
    )
  }

  @Test func `carries all that its refs lead to`() throws {
    let bundle = try Self.bundle(try Self.bytes(of: 1...5))
    #expect(bundle.refs == (try Self.source().refs) && bundle.prerequisites.isEmpty)
    let contents = try bundle.verify(references: CareTests.references)
    #expect(contents.objectCount == 5 && contents.chunkCount == 6 && contents.undecodedCount == 0)
    let store = try Self.receiver()
    try Self.receive(bundle, in: store)
    for step in 1...5 { #expect(try Sample.read(RepairTests.branch(step), in: store) == step) }
    #expect(store.verify(.full) == [])
    // Once more adds nothing.
    #expect(
      try bundle.unbundle(into: store, at: Sample.now, references: CareTests.references)
        == bundle.refs
    )
    #expect(store.packs.names.count == 1)
  }

  @Test func `takes along what a difference is from`() throws {
    let bundle = try Self.bundle(try Self.bytes(of: 3...3))
    let contents = try bundle.verify(references: CareTests.references)
    #expect(contents.objectCount == 1 && contents.chunkCount == 4)
    let store = try Self.receiver()
    try Self.receive(bundle, in: store)
    #expect(try Sample.read(RepairTests.branch(3), in: store) == 3)
    #expect(store.verify(.full) == [])
  }

  @Test func `leaves out what the receiver has, and asks for it`() throws {
    let bytes = try Self.bytes(of: 3...4, after: 2)
    #expect(bytes.count < (try Self.bytes(of: 3...4).count))
    let bundle = try Self.bundle(bytes)
    let alone = try bundle.verify(references: CareTests.references)
    #expect(alone.objectCount == 2 && alone.chunkCount == 2 && alone.undecodedCount == 2)
    let store = try Self.receiver()
    #expect(throws: StorageError.missingPrerequisites(bundle.prerequisites)) {
      try Self.receive(bundle, in: store)
    }
    // The receiver has step 2 with more parents behind it than the sender.
    var parent: Digest?
    for step in [20, 19, 18, 17, 16, 15, 14] {
      try Sample.commit(step: step, in: store, parent: parent)
      parent = BLAKE3.digest(of: Sample.weights(step: step))
    }
    try Sample.commit(step: 2, to: RepairTests.branch(2), in: store, parent: parent)
    try Self.receive(bundle, in: store)
    let weights = BLAKE3.digest(of: Sample.weights(step: 4))
    #expect(try store.find(.chunk(weights))?.entry.depth == 9)
    for step in 2...4 { #expect(try Sample.read(RepairTests.branch(step), in: store) == step) }
    #expect(store.verify(.full) == [])
  }

  @Test func `a prerequisite that is not whole is not leant on`() throws {
    let bundle = try Self.bundle(try Self.bytes(of: 3...4, after: 2))
    let store = try Self.receiver()
    let object = try #require(try Self.source().refs[RepairTests.branch(2)])
    let transaction = try store.begin(at: Sample.now)
    _ = try transaction.put(try Self.source().store.object(object))
    _ = try transaction.commit([], at: Sample.now)
    let count = store.packs.names.count
    #expect(throws: StorageError.missingChunk(BLAKE3.digest(of: Sample.weights(step: 2)))) {
      _ = try bundle.unbundle(into: store, at: Sample.now, references: CareTests.references)
    }
    #expect(store.packs.names.count == count)
  }

  @Test func `never overwrites, and is there whole or not at all`() throws {
    let (store, refs) = try Self.source()
    let settled = try #require(store.files as? MemoryFiles)
    var change = 0
    while true {
      let files = settled.afterwards(.none)
      let store = try ObjectStore(opening: Sample.root, files: files)
      files.setFault(.kill, at: change)
      let isMade =
        (try? Bundle.create(
          at: Self.path, from: store, refs: refs, files: files, references: CareTests.references))
        != nil
      for cut in MemoryFiles.PowerCut.allCases {
        let after = files.afterwards(cut)
        if isMade || after[Self.path] != nil {
          let bundle = try Bundle(opening: Self.path, files: after)
          #expect(try bundle.verify(references: CareTests.references).objectCount == 5)
        }
      }
      if isMade { break }
      change += 1
    }
    #expect(change > 4)
    let files = settled.afterwards(.none)
    files[Self.path] = [1]
    #expect(throws: StorageError.file(.exists(Self.path))) {
      try Bundle.create(
        at: Self.path, from: store, refs: refs, files: files, references: CareTests.references)
    }
    #expect(files[Self.path] == [1])
    #expect(!files.fileNames.contains { Path($0).name.hasPrefix(".") })
  }

  @Test func `every flipped bit and every truncation is found`() throws {
    let bytes = try Self.bytes(of: 1...2)
    let step = FaultTests.isSlow ? 1 : 11
    for offset in stride(from: 0, to: bytes.count, by: step) {
      var damaged = bytes
      damaged[offset] ^= 1 << UInt8(offset & 7)
      #expect(throws: StorageError.self, "\(offset)") {
        try Self.bundle(damaged).verify(references: CareTests.references)
      }
      #expect(throws: StorageError.self, "\(offset)") {
        try Self.bundle(Array(bytes.prefix(offset))).verify(references: CareTests.references)
      }
    }
  }

  @Test func `mutants that are sealed again are refused, or right`() throws {
    let bytes = try Self.bytes(of: 1...3)
    var generator = SeededGenerator(seed: 31)
    var refused = 0
    for _ in 0..<(FaultTests.isSlow ? 20_000 : 300) {
      let mutant = Self.sealed(bytes.mutated(by: &generator, donor: bytes))
      let store = try Self.receiver()
      do {
        let bundle = try Self.bundle(mutant)
        _ = try bundle.unbundle(into: store, at: Sample.now, references: CareTests.references)
      } catch { refused += 1 }
      #expect(store.verify(.full) == [])
    }
    #expect(refused > 200)
  }

  @Test func `refuses a manifest that cannot be`() throws {
    let bytes = try Self.bytes(of: 1...1)
    let count = bytes[8..<12].reversed().reduce(0) { $0 << 8 | Int($1) }
    let text = String(decoding: bytes[12..<12 + count], as: UTF8.self)
    func refused(_ text: String) -> Bool {
      var head = Array(bytes.prefix(8))
      head.append(littleEndian: UInt32(text.utf8.count))
      let whole = Self.sealed(head + Array(text.utf8) + bytes[(12 + count)...])
      return (try? Self.bundle(whole).verify(references: CareTests.references)) == nil
    }
    #expect(!refused(text))
    #expect(refused(text + " "))
    #expect(refused(text.replacing("refs/heads/s1", with: "refs/../s1")))
    #expect(refused(text.replacing("\"prerequisites\":[]", with: "\"prerequisites\":[\"b3:0\"]")))
    #expect(refused(text.replacing("\"packs\":[", with: "\"packs\":[-1,")))
    #expect(refused(text.replacing("\"packs\":[", with: "\"packs\":[0,")))
    #expect(refused(text.replacing("\"packs\":[", with: "\"packs\":[2147483648,")))
    #expect(refused(text.replacing("{\"refs/heads/s1\"", with: "{\"x\":1,\"refs/heads/s1\"")))
    // Refs that lead elsewhere leave records that nothing leads to.
    #expect(refused("{\"packs\":[\(bytes.count - 12 - 32 - 41)],\"prerequisites\":[],\"refs\":{}}"))
    let id = Sample.object("other").id
    let refs = text.firstRange(of: "b3:")
    let start = try #require(refs?.lowerBound)
    #expect(refused(text[..<start] + "\(id)" + text[text.index(start, offsetBy: 67)...]))
  }
}
