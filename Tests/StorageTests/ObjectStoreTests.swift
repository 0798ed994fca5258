import Digests
import Files
import Parallel
import Tensors
import TestSupport
import Testing

@testable import Storage

@Suite struct ObjectStoreTests {
  @Test func `keeps objects and chunks under their ids, on a real disk`() throws {
    let folder = try TemporaryDirectory()
    let path = folder.path.appending("store")
    let store = try ObjectStore.create(at: path)
    try Sample.commit(step: 1, in: store)
    let again = try ObjectStore(opening: path)
    #expect(try Sample.read(Sample.main, in: again) == 1)
    #expect(again.verify(.full).isEmpty)
    #expect(throws: StorageError.missingObject(Sample.object("no").id)) {
      try again.object(Sample.object("no").id)
    }
    #expect(throws: StorageError.self) { try again.chunk(BLAKE3.digest(of: [1])) }
    // The name of a pack is the digest of its file.
    let pack = try #require(try path.appending("packs").entryNames().first)
    let bytes = try FileReader.contents(of: path.appending("packs/\(pack)"), limit: 1 << 20)
    #expect("\(BLAKE3.digest(of: bytes).hexadecimal).pack" == pack)
    #expect(try path.appending("tmp").entryNames().isEmpty)
  }

  @Test func `holds a tensor under the id it has elsewhere`() throws {
    let store = try ObjectStore.create(at: Sample.root, files: MemoryFiles())
    let bytes = PlaneKernelsTests.noise(2 * (1 << 20) + 64, seed: 1)
    let transaction = try store.begin(at: Sample.now)
    let chunks = stride(from: 0, to: bytes.count, by: 1 << 20).map {
      ChunkInput(Array(bytes[$0..<min(bytes.count, $0 + 1 << 20)]), layout: .bfloat16)
    }
    let digests = try transaction.put(chunks)
    var payload = CanonicalBytes()
    payload.append("BF16\0")
    payload.append(UInt32(1))
    payload.append(UInt64(bytes.count / 2))
    payload.append(UInt64(bytes.count))
    for digest in digests { payload.append(digest) }
    let id = try transaction.put(StoredObject(kind: .tensor, payload: payload.bytes))
    #expect(
      id.digest
        == ChunkedDigest.digest(
          elementType: "BF16",
          extents: [bytes.count / 2],
          byteCount: bytes.count,
          chunks: digests
        )
    )
    _ = try transaction.commit([], at: Sample.now)
    #expect(try store.object(id).payload == payload.bytes)
    #expect(try digests.flatMap { try store.chunk($0) } == bytes)
  }

  @Test func `stores what is known only once`() throws {
    let files = MemoryFiles()
    let store = try ObjectStore.create(at: Sample.root, files: files)
    try Sample.commit(step: 1, in: store)
    let before = files.fileNames.filter { $0.hasSuffix(".pack") }
    #expect(before.count == 1)
    // The same again adds an operation, and no pack.
    let operation = try Sample.commit(step: 1, in: store)
    #expect(operation.packs.isEmpty)
    #expect(files.fileNames.filter { $0.hasSuffix(".pack") } == before)
  }

  @Test func `a chunk and an object of the same digest are two things`() throws {
    let store = try ObjectStore.create(at: Sample.root, files: MemoryFiles())
    let object = Sample.object("payload")
    var hashed = Array("adapterctl\0note\0".utf8)
    hashed.append(littleEndian: UInt64(object.payload.count))
    hashed += object.payload
    let transaction = try store.begin(at: Sample.now)
    let chunk = try transaction.put([ChunkInput(hashed, layout: .bytes)])[0]
    #expect(chunk == object.id.digest)
    #expect(throws: StorageError.missingObject(object.id)) {
      _ = try transaction.commit(
        [RefUpdate(Sample.main, from: nil, to: .object(object.id))],
        at: Sample.now
      )
    }
    let second = try store.begin(at: Sample.now)
    _ = try second.put([ChunkInput(hashed, layout: .bytes)])
    _ = try second.put(object)
    _ = try second.commit([], at: Sample.now)
    #expect(try store.object(object.id) == object)
    #expect(try store.chunk(chunk) == hashed)
  }

  @Test func `writes the same bytes with one, two and three threads`() throws {
    let packs = try [1, 2, 3].map { count in
      let files = MemoryFiles()
      let store = try ObjectStore.create(at: Sample.root, files: files)
      let transaction = try store.begin(at: Sample.now)
      let inputs = (0..<40).map {
        ChunkInput(Sample.weights(step: $0 % 30), layout: .bfloat16)
      }
      _ = try transaction.put(inputs, workers: Workers(count: count))
      return try transaction.commit([], at: Sample.now).packs
    }
    #expect(Set(packs).count == 1)
  }

  @Test func `makes chains of parents, and ends them`() throws {
    let files = MemoryFiles()
    let store = try ObjectStore.create(at: Sample.root, files: files)
    var parent: Digest?
    var depths: [Int] = []
    for step in 0..<24 {
      try Sample.commit(step: step, in: store, parent: parent)
      let digest = BLAKE3.digest(of: Sample.weights(step: step))
      depths.append(try #require(try store.find(.chunk(digest))).entry.depth)
      parent = digest
    }
    #expect(depths.max() == PackFormat.writtenDepth)
    #expect(Array(depths.prefix(10)) == [0, 1, 2, 3, 4, 5, 6, 7, 8, 0])
    // By now the index was written: more packs than may lie beside it.
    #expect(files.fileNames.contains("/store/cache/index"))
    let again = try ObjectStore(opening: Sample.root, files: files)
    for step in 0..<24 {
      #expect(
        try again.chunk(BLAKE3.digest(of: Sample.weights(step: step)))
          == Sample.weights(step: step)
      )
    }
    #expect(again.verify(.full).isEmpty)
  }

  @Test func `reads what another process has just written`() throws {
    let files = MemoryFiles()
    let one = try ObjectStore.create(at: Sample.root, files: files)
    let two = try ObjectStore(opening: Sample.root, files: files)
    try Sample.commit(step: 3, in: two)
    #expect(try Sample.read(Sample.main, in: one) == 3)
  }

  @Test func `refuses what is too large, too old or not there`() throws {
    let store = try ObjectStore.create(at: Sample.root, files: MemoryFiles())
    let transaction = try store.begin(at: Sample.now)
    #expect(throws: StorageError.self) {
      try transaction.put([ChunkInput([], layout: .bytes)])
    }
    #expect(throws: StorageError.self) {
      try transaction.put(
        [ChunkInput([UInt8](repeating: 0, count: (1 << 20) + 1), layout: .bytes)])
    }
    let late = Timestamp(seconds: Sample.now.seconds + 24 * 3600 + 1)
    #expect(throws: StorageError.transactionTooOld(seconds: 24 * 3600 + 1)) {
      _ = try transaction.commit([], at: late)
    }
    #expect(throws: StorageError.notAStore(Path("/none"))) {
      try ObjectStore(opening: Path("/none"), files: MemoryFiles())
    }
  }

  @Test func `commits with four syncs, and two where nothing is added`() throws {
    let files = MemoryFiles()
    let store = try ObjectStore.create(at: Sample.root, files: files)
    let start = files.state.withLock { $0.syncCount }
    try Sample.commit(step: 1, in: store)
    #expect(files.state.withLock { $0.syncCount } - start == 4)
    try Sample.commit(step: 1, in: store)
    #expect(files.state.withLock { $0.syncCount } - start == 6)
  }
}
