import Digests
import Files
import Parallel
import Testing

@testable import Storage

@Suite struct ChunkCacheTests {
  private func chunk(_ number: Int, count: Int = 100) -> (bytes: [UInt8], digest: Digest) {
    let bytes = PlaneKernelsTests.noise(count, seed: UInt64(number))
    return (bytes, BLAKE3.digest(of: bytes))
  }

  @Test func `holds no more than its limit`() {
    let cache = ChunkCache(limit: 1050)
    for number in 0..<200 {
      let (bytes, digest) = chunk(number, count: 1 + number % 150)
      cache.insert(bytes, of: digest, inPlaceOf: nil)
      #expect(cache.chunk(digest) == bytes)
      #expect(cache.byteCount <= 1050)
    }
    let held = (0..<200).filter { cache.chunk(chunk($0, count: 1 + $0 % 150).digest) != nil }
    let byteCount = held.reduce(0) { $0 + 1 + $1 % 150 }
    #expect(byteCount == cache.byteCount)
    #expect(byteCount > 500)
    let (large, digest) = chunk(1, count: 1051)
    cache.insert(large, of: digest, inPlaceOf: nil)
    #expect(cache.chunk(digest) == nil)
  }

  @Test func `a child takes the place of its parent`() {
    let cache = ChunkCache(limit: 1000)
    for number in 0..<50 {
      let parent = number < 10 ? nil : chunk(number - 10).digest
      let (bytes, digest) = chunk(number)
      cache.insert(bytes, of: digest, inPlaceOf: parent)
      #expect(parent.map { cache.chunk($0) == nil } ?? true)
    }
    // All ten of the last generation are there: none was dropped for another.
    #expect((40..<50).allSatisfy { cache.chunk(chunk($0).digest) != nil })
    #expect(cache.byteCount == 1000)
  }

  @Test func `changes nothing but speed`() throws {
    // A limit of no, of some and of all chunks, with one to three threads.
    var packs: Set<[String]> = []
    for limit in [0, 3000, 1 << 20] {
      for count in 1...3 {
        let files = MemoryFiles()
        _ = try ObjectStore.create(at: Sample.root, files: files)
        let store = try ObjectStore(opening: Sample.root, files: files, cacheByteCount: limit)
        let digests = try series(in: store, workers: Workers(count: count))
        #expect(store.cache.byteCount <= limit)
        packs.insert(files.fileNames.filter { $0.hasSuffix(".pack") })
        for step in digests.indices.reversed() {
          try store.chunks(digests[step], workers: Workers(count: count)) {
            (index, chunk) throws(StorageError) in
            #expect(chunk == Self.chunk(index, step))
          }
        }
        #expect(store.verify(.full).isEmpty)
      }
    }
    #expect(packs.count == 1)
  }

  static func chunk(_ index: Int, _ step: Int) -> [UInt8] {
    Sample.weights(step: step, count: 600 + index)
  }

  private func series(in store: ObjectStore, workers: Workers) throws -> [[Digest]] {
    var digests: [[Digest]] = []
    for step in 0..<12 {
      let transaction = try store.begin(at: Sample.now)
      digests.append(
        try transaction.put(
          (0..<9).map {
            ChunkInput(Self.chunk($0, step), layout: .bfloat16, parent: digests.last?[$0])
          },
          workers: workers
        )
      )
      _ = try transaction.commit([], at: Sample.now)
    }
    return digests
  }
}
