import Digests
import Testing

@testable import Storage

@Suite struct StoredSizeTests {
  @Test func `counts what is asked for, each once`() throws {
    let store = try ObjectStore(opening: Sample.root, files: try CareTests.store())
    let root = try #require(try store.log.object(of: Sample.main))
    let all = try store.everythingReachable(from: [root], references: CareTests.references)
    #expect(all.count == 3 && all.contains(.object(root)))
    let weights = Reference.chunk(BLAKE3.digest(of: Sample.weights(step: 5)))
    let one = try store.storedSize(of: [weights])
    #expect(one.recordCount == 1 && one.byteCount == 1200)
    #expect(one.storedByteCount < 1200)
    let size = try store.storedSize(of: all)
    #expect(size.recordCount == 3)
    #expect(size.byteCount == 1200 + 22 + (try store.object(root).payload.count))
    let chain = try store.storedSize(of: [weights], includingParents: true)
    #expect(chain.recordCount == 5 && chain.byteCount == 5 * 1200)
    #expect(throws: StorageError.missingChunk(BLAKE3.digest(of: []))) {
      try store.storedSize(of: [.chunk(BLAKE3.digest(of: []))])
    }
  }
}
