import Files
import JSON
import Parallel
import Tensors
import TestSupport
import Testing

@testable import Adapters

@Suite struct AdapterDifferenceTests {
  private static let runs = Fixtures.package.appending("fixtures/lab/runs")

  private static func adapter(_ name: String) throws -> Adapter {
    try Adapter(opening: runs.appending(name))
  }

  private static func difference(
    _ old: String, _ new: String, threads: Int = 2
  ) throws -> AdapterDifference {
    try AdapterDifference(
      from: try adapter(old), to: try adapter(new),
      execution: Execution(workers: Workers(count: threads)))
  }

  @Test(arguments: [
    ("lora-r8/checkpoint-150", "lora-r8/checkpoint-300"),
    ("rslora-r8/checkpoint-600", "lora-r8/checkpoint-600"),
    ("lora-r32/checkpoint-450", "lora-r8/checkpoint-600"),
    ("dora-r8/checkpoint-300", "dora-r8/checkpoint-600"),
  ])
  func `the norms are those of the formed products`(old: String, new: String) throws {
    let (before, after) = (
      try DenseAdapter(Self.runs.appending(old)), try DenseAdapter(Self.runs.appending(new))
    )
    let difference = try Self.difference(old, new)
    let modules = Dictionary(
      uniqueKeysWithValues: difference.updates.map { ($0.target.module.path, $0) })
    let names = Set(before.products.keys).union(after.products.keys)
    #expect(modules.count == names.count && !names.isEmpty)
    for name in names {
      let count = before.products[name]?.count ?? after.products[name]?.count ?? 0
      let zeros = [Double](repeating: 0, count: count)
      let (product, other) = (before.products[name] ?? zeros, after.products[name] ?? zeros)
      let path = String(name.dropFirst("base_model.model.".count).dropLast(".lora_A.weight".count))
      let norms = try #require(modules[path]?.norms)
      // What is measured keeps its bound; an entry of the formed product has rank + 2 roundings of
      // its terms, of which the bound holds four.
      let tolerance = norms.errorBound * Double(max(before.rank, after.rank) + 3)
      let distance = DenseAdapter.norm(zip(other, product).map { $0 - $1 })
      #expect(abs(norms.distance - distance) <= tolerance)
      #expect(tolerance < 1e-9 * distance)
      #expect(abs(norms.old - DenseAdapter.norm(product)) <= tolerance)
      #expect(abs(norms.new - DenseAdapter.norm(other)) <= tolerance)
    }
  }

  @Test(arguments: [
    "lora", "lora_conv", "lora_embedding", "lora_embedding_saved", "lora_modules_to_save",
    "lora_trainable_tokens", "trainable_tokens", "lora_bias_all_gpt2", "lora_conv1d_gpt2",
    "dora_conv", "dora_embedding", "lora_bf16", "lora_bin_legacy", "lora_lorabias_gpt2",
  ])
  func `an adapter does not differ from itself, and differs from nothing by its norm`(
    name: String
  ) throws {
    let adapter = try Adapter(opening: Fixtures.peft.appending(name))
    let own = try AdapterDifference(from: adapter, to: adapter, execution: .small)
    #expect(own.isEmpty && own.changedUpdates.isEmpty)
    #expect(own.updates.allSatisfy { $0.norms?.distance == 0 })
    let added = try AdapterDifference(from: nil, to: adapter, execution: .small)
    let removed = try AdapterDifference(from: adapter, to: nil, execution: .small)
    #expect(added.updates.count == adapter.updates.count && !added.isEmpty)
    for (one, other) in zip(added.updates, removed.updates) {
      let norms = try #require(one.norms)
      #expect(one.old == nil && one.coverage == .oneSide && norms.old == 0)
      #expect(norms.new > 0 && abs(norms.distance - norms.new) <= norms.errorBound)
      #expect(norms.new == other.norms?.old)
    }
  }

  @Test func `any number of threads gives the same bits`() throws {
    let one = try Self.difference("lora-r8/checkpoint-150", "lora-r32/checkpoint-600", threads: 1)
    let four = try Self.difference("lora-r8/checkpoint-150", "lora-r32/checkpoint-600", threads: 4)
    #expect(one.updates.map(\.norms) == four.updates.map(\.norms))
    #expect(one.tensors.tensors == four.tensors.tensors)
    #expect(one.totalNorms() == four.totalNorms() && one.totalNorms() != nil)
  }

  @Test func `exchanging the two exchanges the norms and keeps the distance`() throws {
    let there = try Self.difference("lora-r8/checkpoint-150", "lora-r32/checkpoint-300")
    let back = try Self.difference("lora-r32/checkpoint-300", "lora-r8/checkpoint-150")
    for (one, other) in zip(there.updates, back.updates) {
      #expect(one.norms?.distance == other.norms?.distance)
      #expect(one.norms?.old == other.norms?.new && one.norms?.new == other.norms?.old)
    }
    #expect(there.configuration.map(\.key) == back.configuration.map(\.key))
    #expect(there.configuration.contains { $0.key == "r" && $0.old == 8 && $0.new == 32 })
  }

  @Test func `the triangle inequality holds along a run`() throws {
    let names = ["lora-r8/checkpoint-150", "lora-r8/checkpoint-300", "lora-r8/checkpoint-600"]
    let (first, second, both) = (
      try Self.difference(names[0], names[1]), try Self.difference(names[1], names[2]),
      try Self.difference(names[0], names[2])
    )
    for (place, update) in both.updates.enumerated() {
      let norms = try #require(update.norms)
      let one = try #require(first.updates[place].norms)
      let other = try #require(second.updates[place].norms)
      #expect(
        norms.distance
          <= one.distance + other.distance + norms.errorBound + one.errorBound + other.errorBound)
      #expect(norms.distance > 0)
    }
  }

  @Test func `DoRA's low-rank part is said to be a part, with the magnitudes beside it`() throws {
    let difference = try Self.difference("dora-r8/checkpoint-150", "dora-r8/checkpoint-600")
    #expect(difference.updates.allSatisfy { $0.coverage == .lowRankPart })
    #expect(difference.updates.allSatisfy { ($0.magnitudes?.distance ?? 0) > 0 })
    let mixed = try Self.difference("lora-r8/checkpoint-600", "dora-r8/checkpoint-600")
    #expect(mixed.updates.allSatisfy { $0.coverage == .lowRankPart && $0.magnitudes == nil })
    #expect(mixed.updates.allSatisfy { $0.old?.kind == "delta" && $0.new?.kind == "magnitude" })
  }

  @Test func `a scaled update scales the norms`() throws {
    let folder = try MadeFolder()
    func adapter(_ alpha: Int, _ name: String) throws -> Adapter {
      try folder.write(
        #"{"peft_type": "LORA", "r": 4, "lora_alpha": \#(alpha)}"#,
        to: "\(name)/adapter_config.json")
      try FileWriter.write(
        FilledTensor.safetensors(
          FilledTensor.factors("q_proj", rank: 4, out: 30, in: 20, deviation: 0.1, seed: 4)),
        creating: folder.path.appending(name).appending("adapter_model.safetensors"))
      return try Adapter(opening: folder.path.appending(name))
    }
    let (one, three) = (try adapter(4, "one"), try adapter(12, "three"))
    let difference = try AdapterDifference(from: one, to: three, execution: .small)
    let norms = try #require(difference.updates.first?.norms)
    #expect(abs(norms.new - 3 * norms.old) <= 1e-14 * norms.new)
    #expect(abs(norms.distance - 2 * norms.old) <= norms.errorBound)
    #expect(difference.configuration == [.init(key: "lora_alpha", old: 4, new: 12)])
    #expect(difference.tensors.changed.isEmpty && difference.changedUpdates.count == 1)
  }

  @Test func `kinds and extents that differ are not measured`() throws {
    let folder = try MadeFolder()
    let old = try folder.adapter(
      "", MadeTensor.pair("a", out: 4, in: 6) + MadeTensor.pair("b", out: 4, in: 6))
    let other = try MadeFolder()
    let new = try other.adapter(
      #""modules_to_save": ["a"]"#,
      [MadeTensor("base_model.model.a.weight", [4, 6])] + MadeTensor.pair("b", out: 4, in: 8)
        + MadeTensor.pair("c", out: 4, in: 6))
    let difference = try AdapterDifference(from: old, to: new, execution: .small)
    #expect(difference.updates.map(\.target.description) == ["a.weight", "b.weight", "c.weight"])
    #expect(difference.updates.map(\.coverage) == [.none, .none, .oneSide])
    #expect(difference.totalNorms() == nil)
  }

  @Test func `a stop is obeyed`() throws {
    let interruption = Interruption()
    interruption.request()
    #expect(throws: AdapterError.self) {
      try AdapterDifference(
        from: nil, to: try Self.adapter("lora-r8/checkpoint-150"),
        execution: Execution(interruption: interruption))
    }
  }
}
