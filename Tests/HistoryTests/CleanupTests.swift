import Adapters
import Files
import Storage
import TestSupport
import Testing

@testable import History

@Suite struct CleanupTests {
  static func sample() throws -> SampleRepository {
    let sample = try SampleRepository()
    let first = try sample.commit("first", ["a": .adapter(tensors: ["w": CostTests.noise(1)])])
    try sample.commit("second", ["a": .adapter(tensors: ["w": CostTests.noise(2)])])
    try sample.commit(
      "side", ["b": .adapter(tensors: ["w": CostTests.noise(3)])], on: "side", from: first)
    return sample
  }

  static func isWhole(_ sample: SampleRepository) throws -> Bool {
    try Repository(around: sample.folder.path).check(.full, execution: Execution()).isClean
  }

  @Test func `a dry run changes nothing and says what would be joined`() throws {
    let sample = try Self.sample()
    let packs = sample.repository.own("packs")
    let log = sample.repository.own("log")
    let before = (packs: try DirectoryContents(packs), log: try DirectoryContents(log))
    var options = GarbageCollectionOptions()
    options.isDryRun = true
    let report = try sample.repository.cleanUp(act: sample.act, options: options)
    #expect(report.joinedCount == 3 && report.repack == nil)
    #expect(try DirectoryContents(packs) == before.packs)
    #expect(try DirectoryContents(log) == before.log)
  }

  @Test func `packs are joined now and deleted two weeks later`() throws {
    let sample = try Self.sample()
    let report = try sample.repository.cleanUp(act: sample.act)
    #expect(report.joinedCount == 3 && report.garbage.deleted.isEmpty)
    #expect(report.byteCountAfter > report.byteCountBefore)
    sample.time += 15 * 24 * 60 * 60
    let later = try sample.repository.cleanUp(act: sample.act)
    #expect(later.garbage.deleted.count == 3 && later.joinedCount == 0)
    #expect(later.byteCountAfter < report.byteCountBefore)
    #expect(try Self.isWhole(sample))
  }

  @Test func `pruning now leaves one pack, and what the log can bring back`() throws {
    let sample = try Self.sample()
    let side = try sample.repository.commit("side")
    try sample.repository.deleteBranch("side", force: true, act: sample.act)
    let report = try sample.repository.cleanUp(act: sample.act, options: .pruningNow)
    #expect(report.garbage.deleted.count == 3 && report.byteCountAfter < report.byteCountBefore)
    #expect(try sample.repository.store.packedSize().packCount == 1)
    _ = try sample.repository.undo(nil, act: sample.act)
    #expect(try sample.repository.commit("side") == side)
    #expect(try Self.isWhole(sample))
  }

  @Test func `what a killed command left aside goes, what a running one uses stays`() throws {
    let sample = try Self.sample()
    let checkouts = sample.repository.own("checkouts")
    try checkouts.createDirectories()
    let dead = checkouts.appending("dead")
    try dead.createDirectories()
    let alive = checkouts.appending("alive")
    let held = try Checkouts.hold(alive)
    var options = GarbageCollectionOptions()
    options.isDryRun = true
    #expect(
      try sample.repository.cleanUp(act: sample.act, options: options).staleCheckoutCount == 1)
    #expect(dead.isDirectory)
    #expect(try sample.repository.cleanUp(act: sample.act).staleCheckoutCount == 1)
    #expect(!dead.isDirectory && alive.isDirectory)
    withExtendedLifetime(held) {}
  }

  @Test func `it does not start while somebody writes`() throws {
    let sample = try Self.sample()
    _ = try sample.repository.cleanUp(act: sample.act, options: .pruningNow)
    let writer = try sample.repository.store.begin(at: Timestamp(seconds: sample.time))
    #expect(throws: HistoryError.self) { try sample.repository.cleanUp(act: sample.act) }
    withExtendedLifetime(writer) {}
    #expect(try Self.isWhole(sample))
  }
}
