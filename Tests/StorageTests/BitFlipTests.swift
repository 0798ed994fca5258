import Digests
import Files
import TestSupport
import Testing

@testable import Storage

/// Damage to a pack of 16 KiB: all of it is found, and none of it comes back as data.
@Suite struct BitFlipTests {
  /// A store whose one pack has about 16 KiB, its path, and the chunks in it.
  static func store() throws -> (files: MemoryFiles, pack: Path, chunks: [[UInt8]]) {
    let files = MemoryFiles()
    let store = try ObjectStore.create(at: Sample.root, files: files)
    let transaction = try store.begin(at: Sample.now)
    var chunks = [Sample.weights(step: 0, count: 2500)]
    var digests = try transaction.put([ChunkInput(chunks[0], layout: .bfloat16)])
    let first = try transaction.commit([], at: Sample.now)
    let second = try store.begin(at: Sample.now)
    for step in 1...8 {
      chunks.append(Sample.weights(step: step, count: 1300))
      let input = ChunkInput(chunks[step], layout: step.isMultiple(of: 2) ? .bfloat16 : .words16)
      digests += try second.put([input])
    }
    chunks.append(Sample.weights(step: 9, count: 2500))
    digests += try second.put([ChunkInput(chunks[9], layout: .bfloat16, parent: digests[0])])
    let text = digests.map(\.description).joined(separator: " ")
    let object = try second.put(Sample.object(text))
    let last = try second.commit(
      [RefUpdate(Sample.main, from: nil, to: .object(object))],
      at: Sample.now
    )
    #expect(first.packs.count == 1 && last.packs.count == 1)
    return (files.afterwards(.none), store.paths.pack(last.packs[0]), chunks)
  }

  /// What verify misses, or what comes back wrong.
  static func isCaught(_ bytes: [UInt8], at pack: Path, in files: MemoryFiles, _ chunks: [[UInt8]])
    -> Bool
  {
    files[pack] = bytes
    guard let store = try? ObjectStore(opening: Sample.root, files: files) else { return true }
    guard store.verify(.full).contains(where: { !$0.isHarmless }) else { return false }
    for chunk in chunks {
      let digest = BLAKE3.digest(of: chunk)
      if let read = try? store.chunk(digest), read != chunk { return false }
    }
    return true
  }

  @Test(arguments: 0..<2)
  func `every flipped bit is found`(part: Int) throws {
    let (files, pack, chunks) = try Self.store()
    let bytes = try #require(files[pack])
    #expect((12 << 10..<24 << 10).contains(bytes.count))
    // A number that shares no factor with 8 meets every place in a byte.
    let step = FaultTests.isSlow ? 1 : 131
    var flips = 0
    for bit in stride(from: part, to: bytes.count * 8, by: 2 * step) {
      var damaged = bytes
      damaged[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(Self.isCaught(damaged, at: pack, in: files, chunks), "bit \(bit)")
      flips += 1
    }
    #expect(flips * step > 48 << 10)
  }

  @Test func `every truncation and every block of zeros is found`() throws {
    let (files, pack, chunks) = try Self.store()
    let bytes = try #require(files[pack])
    for count in stride(from: 0, to: bytes.count, by: FaultTests.isSlow ? 1 : 41) {
      #expect(Self.isCaught(Array(bytes.prefix(count)), at: pack, in: files, chunks), "\(count)")
    }
    for start in stride(from: 0, to: bytes.count, by: FaultTests.isSlow ? 64 : 1024) {
      var damaged = bytes
      for index in start..<min(bytes.count, start + 4096) { damaged[index] = 0 }
      #expect(Self.isCaught(damaged, at: pack, in: files, chunks), "zeros at \(start)")
    }
    #expect(!Self.isCaught(bytes, at: pack, in: files, chunks))
  }
}
