import Storage
import Testing

@testable import History

@Suite struct CostTests {
  /// Numbers that no codec makes much smaller.
  static func noise(_ seed: UInt32, count: Int = 2000) -> [Float] {
    var state = seed
    return (0..<count).map { _ in
      state = state &* 1_664_525 &+ 1_013_904_223
      return Float(bitPattern: state)
    }
  }

  @Test func `what two branches share and what each alone needs add up`() throws {
    let sample = try SampleRepository()
    let first = try sample.commit("first", ["a": .adapter(tensors: ["w": Self.noise(1)])])
    try sample.commit(
      "side", ["b": .adapter(tensors: ["w": Self.noise(2)])], on: "side", from: first)
    try sample.commit("main", ["c": .adapter(tensors: ["w": Self.noise(3)])])
    let costs = try sample.repository.costs()
    #expect(costs.refs.map(\.name) == ["refs/heads/main", "refs/heads/side"])
    let (main, side) = (costs.refs[0], costs.refs[1])
    #expect(main.sharedByteCount == side.sharedByteCount && main.sharedByteCount > 6000)
    #expect(main.uniqueByteCount > 6000 && side.uniqueByteCount > 6000)
    #expect(
      costs.storedByteCount
        == main.sharedByteCount + main.uniqueByteCount + side.uniqueByteCount)
    #expect(main.byteCount > 16_000 && costs.byteCount > 24_000)
    // Nothing was ever given up, and no chunk stands on one that is.
    #expect(costs.garbageByteCount == 0 && costs.parentByteCount == 0)
  }

  @Test func `a deleted branch is garbage of the size that was its own`() throws {
    let sample = try SampleRepository()
    let first = try sample.commit("first", ["a": .adapter(tensors: ["w": Self.noise(1)])])
    try sample.commit(
      "side", ["b": .adapter(tensors: ["w": Self.noise(2)])], on: "side", from: first)
    let own = try sample.repository.costs().refs[1].uniqueByteCount
    try sample.repository.deleteBranch("side", force: true, act: sample.act)
    #expect(try sample.repository.costs().garbageByteCount == own)
  }

  @Test func `revisions and refs that are named cost what they lead to`() throws {
    let sample = try SampleRepository()
    let first = try sample.commit("first", ["a": .adapter(tensors: ["w": Self.noise(1)])])
    try sample.commit("second", ["a": .adapter(tensors: ["w": Self.noise(2)])])
    try sample.move(try .tag("old"), to: first)
    let costs = try sample.repository.costs(of: ["main~1", "old", "main"]).refs
    #expect(costs.map(\.name) == ["main~1", "refs/tags/old", "refs/heads/main"])
    #expect(costs[0].storedByteCount == costs[1].storedByteCount)
    #expect(costs[0].uniqueByteCount == 0 && costs[1].uniqueByteCount == 0)
    #expect(costs[2].uniqueByteCount > 6000)
    #expect(throws: HistoryError.self) { try sample.repository.costs(of: ["none"]) }
  }
}
