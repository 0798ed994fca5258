import Digests
import Files
import Parallel
import Testing

@testable import Storage

@Suite struct ParallelReadingTests {
  @Test(arguments: 1...3)
  func `hands out what one thread reads, in order`(count: Int) throws {
    let store = try ObjectStore.create(at: Sample.root, files: MemoryFiles())
    let transaction = try store.begin(at: Sample.now)
    let chunks = (0..<60).map { Sample.weights(step: $0 % 25, count: 600 + $0) }
    let digests = try transaction.put(chunks.map { ChunkInput($0, layout: .bfloat16) })
    _ = try transaction.commit([], at: Sample.now)
    // In another order than they lie, and some of them twice.
    let wanted = (0..<90).map { digests[$0 * 37 % 60] }
    var read: [[UInt8]] = []
    try store.chunks(wanted, workers: Workers(count: count)) {
      (index, chunk) throws(StorageError) in
      #expect(index == read.count)
      read.append(chunk)
    }
    #expect(try read == wanted.map { try store.chunk($0) })
    #expect(read == (0..<90).map { chunks[$0 * 37 % 60] })
  }

  @Test(arguments: 1...3)
  func `names the first chunk that is missing, after those before it`(count: Int) throws {
    let store = try ObjectStore.create(at: Sample.root, files: MemoryFiles())
    let transaction = try store.begin(at: Sample.now)
    let digests = try transaction.put(
      (0..<20).map { ChunkInput([UInt8($0)], layout: .bytes) }
    )
    _ = try transaction.commit([], at: Sample.now)
    let missing = (30..<32).map { BLAKE3.digest(of: [UInt8($0)]) }
    var handed = 0
    #expect(throws: StorageError.missingChunk(missing[0])) {
      try store.chunks(
        digests[..<7] + missing + digests[7...],
        workers: Workers(count: count)
      ) { (_, _) throws(StorageError) in handed += 1 }
    }
    #expect(handed == 7)
    #expect(throws: StorageError.locked) {
      try store.chunks(digests, workers: Workers(count: count)) {
        (_, _) throws(StorageError) in throw .locked
      }
    }
  }
}
