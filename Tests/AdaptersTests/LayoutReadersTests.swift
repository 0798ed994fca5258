import Files
import Tensors
import TestSupport
import Testing

@testable import Adapters

/// The layouts other than PEFT's, on files made here: what the fixtures do not show.
@Suite struct LayoutReadersTests {
  private let folder: MadeFolder

  init() throws { folder = try MadeFolder() }

  private func open(_ tensors: [FilledTensor], _ name: String, _ config: String?) throws -> Adapter
  {
    _ = try folder.write(tensors, to: name)
    if let config { try folder.write(config, to: "adapter_config.json") }
    return try Adapter(opening: folder.path.appending(name))
  }

  /// The merged tensor, in single precision.
  private func merged(_ adapter: Adapter, _ base: Checkpoint, _ name: TensorName) throws -> [Float]
  {
    var options = MergeOptions()
    options.dtype = .f32
    let plan = try MergePlan(base: base, adapters: [WeightedAdapter(adapter)], options: options)
    let path = folder.path.appending("merged")
    _ = try plan.write(to: path, tool: "test", execution: .small)
    return try Checkpoint(opening: path).values(name)
  }

  private func expectClose(_ found: [Float], _ wanted: [Double]) {
    #expect(found.count == wanted.count)
    let largest = wanted.reduce(0) { max($0, abs($1)) }
    let error = zip(found, wanted).reduce(0) { max($0, abs(Double($1.0) - $1.1)) }
    #expect(error <= 1e-6 * largest, "off by \(error / largest)")
  }

  @Test func `MLX's scale is used as it is, and its embedding is not turned`() throws {
    let (vocabulary, hidden) = (10, 6)
    let a = FilledTensor("model.embed_tokens.lora_a", [vocabulary, 2], seed: 1)
    let b = FilledTensor("model.embed_tokens.lora_b", [2, hidden], seed: 2)
    let config =
      #"{"fine_tune_type": "lora", "lora_parameters": {"rank": 2, "scale": 20.0, "alpha": 16}}"#
    let adapter = try open([a, b], "adapters.safetensors", config)
    let weight = FilledTensor("model.embed_tokens.weight", [vocabulary, hidden], seed: 3)
    let base = try folder.base([weight])
    let found = try merged(adapter, base, "model.embed_tokens.weight")
    let (va, vb, vw) = (a.doubles, b.doubles, weight.doubles)
    expectClose(
      found,
      (0..<vocabulary * hidden).map { index in
        let (row, column) = (index / hidden, index % hidden)
        return vw[index]
          + 20 * (va[row * 2] * vb[column] + va[row * 2 + 1] * vb[hidden + column])
      })
  }

  @Test func `MLX's full fine-tunes replace tensors`() throws {
    let tuned = FilledTensor("model.layers.0.mlp.up_proj.weight", [4, 6], seed: 1)
    let adapter = try open([tuned], "adapters.safetensors", #"{"fine_tune_type": "full"}"#)
    #expect(adapter.method == .full)
    let base = try folder.base(
      [FilledTensor("model.layers.0.mlp.up_proj.weight", [4, 6], seed: 2)], config: "{}")
    expectClose(
      try merged(adapter, base, "model.layers.0.mlp.up_proj.weight"), tuned.doubles)
  }

  @Test(arguments: [
    (#"{"lora_parameters": {"rank": 3, "scale": 1}}"#, "of rank 2 where its configuration says 3"),
    (#"{"lora_parameters": {"rank": 2, "scale": "1"}}"#, "not a finite number"),
    (#"{"fine_tune_type": "vera"}"#, "an MLX adapter of the kind vera"),
    (#"{"lora_parameters": 3}"#, "has lora_parameters that are not an object"),
  ])
  func `MLX's configuration is checked`(config: String, reason: String) throws {
    let pair = [
      FilledTensor("x.q.lora_a", [4, 2], seed: 1), .init("x.q.lora_b", [2, 4], seed: 2),
    ]
    let found = refusal { try open(pair, "adapters.safetensors", config) }
    #expect(found.contains(reason), "\(found)")
  }

  @Test func `rows in Meta's order need the base's heads`() throws {
    let adapter = try Adapter(opening: Fixtures.peft.appending("gguf_lora"))
    let update = try #require(adapter.updates.first { $0.target.module.kind == "q_proj" })
    #expect(update.factors == nil && update.delta?.rankBound != nil)
    let base = try Checkpoint(opening: Fixtures.peft.appending("base/model.safetensors"))
    #expect(base.config != nil)
    let bound = try adapter.bound(to: base).bindings
    #expect(try bound.allSatisfy { try $0.update.lowRank?.b.matrix(form: .scalar) != nil })
    #expect(bound.contains { $0.tensor == "model.layers.0.self_attn.q_proj.weight" })
    let bare = try folder.base([FilledTensor("lm_head.weight", [4, 4], seed: 1)], config: "{}")
    let error = refusal {
      _ = try adapter.bound(to: bare); return adapter
    }
    #expect(error.contains("without the number of its heads"), "\(error)")
  }

  @Test func `the two orders of rows undo one another`() {
    for (heads, rows) in [(4, 64), (2, 32), (1, 2), (3, 12)] {
      guard let there = HeadRows.order(rows: rows, heads: heads),
        let back = HeadRows.metaOrder(rows: rows, heads: heads)
      else {
        Issue.record("\(rows) rows are \(heads) heads")
        continue
      }
      #expect((0..<rows).map { there.row(at: back.row(at: $0)) } == Array(0..<rows))
    }
    #expect(HeadRows.order(rows: 63, heads: 4) == nil)
    #expect(HeadRows.order(rows: 64, heads: 0) == nil)
  }

  @Test func `a flattened name that two modules have is an error`() throws {
    let adapter = try open(
      [
        FilledTensor("lora_unet_a_b.lora_up.weight", [4, 2], seed: 1),
        .init("lora_unet_a_b.lora_down.weight", [2, 4], seed: 2),
      ], "lora.safetensors", nil)
    let base = try folder.base(
      [FilledTensor("a.b.weight", [4, 4], seed: 1), .init("a_b.weight", [4, 4], seed: 2)],
      config: "{}")
    let found = refusal {
      _ = try adapter.bound(to: base); return adapter
    }
    #expect(found.contains("which may be a.b.weight or a_b.weight of the base"), "\(found)")
  }

  @Test func `an alpha of 0 and none mean the rank`() throws {
    for alpha in [FilledTensor("lora_unet_q.alpha", [], values: [0]), nil] {
      let adapter = try open(
        [
          FilledTensor("lora_unet_q.lora_up.weight", [4, 2], seed: 1),
          .init("lora_unet_q.lora_down.weight", [2, 4], seed: 2),
        ] + [alpha].compactMap { $0 }, "lora.safetensors", nil)
      #expect(adapter.updates.first?.lowRank?.scaling.factor == 1)
      try folder.path.appending("lora.safetensors").removeTree()
    }
  }

  @Test(arguments: [
    ("unet.down.attn1.processor.to_q_lora", ".down.weight", ".up.weight", "unet.down.attn1.to_q"),
    (
      "unet.down.attn1.processor.to_out_lora", ".down.weight", ".up.weight",
      "unet.down.attn1.to_out.0"
    ),
    ("unet.down.to_k.lora", ".down.weight", ".up.weight", "unet.down.to_k"),
    (
      "text_encoder.h.self_attn.to_q_lora", ".down.weight", ".up.weight",
      "text_encoder.h.self_attn.q_proj"
    ),
    (
      "text_encoder.h.q_proj.lora_linear_layer", ".down.weight", ".up.weight",
      "text_encoder.h.q_proj"
    ),
    ("transformer.x.to_q", ".lora_A.weight", ".lora_B.weight", "transformer.x.to_q"),
  ])
  func `diffusers' names are read in every form`(
    stem: String, down: String, up: String, module: String
  ) throws {
    let adapter = try open(
      [FilledTensor(stem + down, [2, 4], seed: 1), .init(stem + up, [4, 2], seed: 2)],
      "pytorch_lora_weights.safetensors", nil)
    #expect(adapter.format == .diffusers)
    #expect(adapter.updates.map(\.target.module.path) == [module])
    #expect(adapter.updates.first?.lowRank?.scaling.factor == 1)
  }
}

extension FilledTensor {
  /// The values in double precision.
  var doubles: [Double] { values.map(Double.init) }
}
