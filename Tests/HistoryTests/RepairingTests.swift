import Adapters
import Digests
import Files
import Storage
import Testing

@testable import History

@Suite struct RepairingTests {
  /// Flips one bit in a record of every pack.
  static func damage(_ sample: SampleRepository) throws {
    let packs = sample.repository.own("packs")
    for name in try packs.entryNames() {
      let path = packs.appending(name)
      var bytes = try FileReader.contents(of: path, limit: 1 << 20)
      bytes[100] ^= 1
      try path.removeTree()
      try FileWriter.write(bytes, creating: path)
    }
  }

  @Test func `what is lost comes back from a repository that has it`() throws {
    let sample = try CleanupTests.sample()
    // The same commits, made elsewhere.
    let other = try CleanupTests.sample()
    try Self.damage(sample)
    let repository = try Repository(around: sample.folder.path)
    #expect(try !repository.check(.full, execution: Execution()).isClean)
    let report = try repository.repair(from: [other.repository], act: sample.act).store
    #expect(report.lost.isEmpty && report.fetchedCount > 0 && report.salvagedCount > 0)
    #expect(try CleanupTests.isWhole(sample))
  }

  @Test func `what no repository has is told, and the rest is kept`() throws {
    let sample = try CleanupTests.sample()
    try Self.damage(sample)
    let repository = try Repository(around: sample.folder.path)
    let report = try repository.repair(act: sample.act).store
    #expect(!report.lost.isEmpty && report.quarantined.count == 3)
    let findings = try Repository(around: sample.folder.path)
      .check(.full, execution: Execution()).findings
    #expect(Set(findings.map(\.problem)) == Set(report.lost.map { .missing($0) }))
  }
}

extension RepairingTests {
  @Test func `a chunk that stands on a lost one is lost, too, and named`() throws {
    let sample = try SampleRepository()
    let store = sample.repository.store
    let time = Timestamp(seconds: sample.time)
    func bytes(_ step: Float) -> [UInt8] {
      CostTests.noise(7).flatMap { number in
        let bits = (number.isFinite ? number : 1).bitPattern &+ UInt32(step)
        return (0..<4).map { UInt8(truncatingIfNeeded: bits >> (8 * $0)) }
      }
    }
    // The parent lies in a pack of its own, and no ref leads to it.
    let first = try store.begin(at: time)
    let parent = try first.put([ChunkInput(bytes(0), layout: .binary32)])[0]
    let packs = try first.commit([], at: time).packs
    let second = try store.begin(at: time)
    let child = try second.put([ChunkInput(bytes(1), layout: .binary32, parent: parent)])[0]
    _ = try second.commit([], at: time)
    let record = CheckTests.record(
      [.bytes(byteCount: 8000, chunks: [child])], byteCount: 8000, of: bytes(1))
    try CheckTests.put(try CheckTests.adapter(record), naming: "refs/heads/child", in: sample)
    #expect(try CheckTests.check(sample, .full).isClean)
    let name = try #require(packs.first).hexadecimal + ".pack"
    try sample.repository.own("packs/\(name)").removeTree()
    try sample.repository.own("cache/index").removeTree()
    let report = try CheckTests.check(sample)
    #expect(report.findings.map(\.problem) == [.unreadable(.chunk(child), .missingChunk(parent))])
    #expect(report.affected.map(\.path?.text) == ["math"])
    #expect(try CheckTests.check(sample, .full).affected == report.affected)
  }
}
