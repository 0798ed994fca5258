import JSON
import Tensors
import Testing

@testable import Adapters

@Suite struct BindingTests {
  let folder: MadeFolder

  init() throws { folder = try MadeFolder() }

  static let layer = "model.layers.0.self_attn.q_proj"

  @Test(arguments: [
    ("llama", "model.layers.0.q_proj", "model.layers.0.q_proj"),
    ("gpt2", "transformer.h.0.c_fc", "h.0.c_fc"),
    ("gpt2", "h.0.c_fc", "transformer.h.0.c_fc"),
    ("mamba", "backbone.layers.0.in_proj", "layers.0.in_proj"),
    ("llama", "layers.0.q_proj", "model.layers.0.q_proj"),
    ("roberta", "encoder.layer.0.query", "roberta.encoder.layer.0.query"),
    ("roberta", "roberta.encoder.layer.0.query", "encoder.layer.0.query"),
    ("llava", "model.language_model.layers.0.q_proj", "language_model.model.layers.0.q_proj"),
    ("llava", "language_model.model.layers.0.q_proj", "language_model.model.layers.0.q_proj"),
    ("gemma3", "language_model.model.layers.0.q_proj", "model.language_model.layers.0.q_proj"),
    ("llava", "lm_head", "language_model.lm_head"),
    ("llava", "model.vision_tower.encoder.q", "vision_tower.vision_model.encoder.q"),
    ("qwen2_vl", "model.language_model.layers.0.q_proj", "model.layers.0.q_proj"),
    ("qwen2_5_vl", "model.visual.blocks.0.qkv", "visual.blocks.0.qkv"),
    ("mixtral", "model.layers.0.mlp.gate", "model.layers.0.block_sparse_moe.gate"),
    (
      "mixtral", "model.layers.0.block_sparse_moe.experts.1.w2",
      "model.layers.0.block_sparse_moe.experts.1.w2"
    ),
    ("unknown", "outer.wrap.layers.0.q_proj", "layers.0.q_proj"),
  ])
  func `a module is found under its name in the files`(
    type: String,
    module: String,
    stored: String
  ) throws {
    let adapter = try folder.adapter("", MadeTensor.pair(module, out: 6, in: 4))
    let base = try folder.base(
      #"{"model_type": "\#(type)"}"#,
      [MadeTensor(stored + ".weight", [6, 4]), MadeTensor("other.weight", [6, 4])]
    )
    #expect(
      try adapter.bound(to: base).bindings.map(\.tensor) == [TensorName(stored + ".weight")]
    )
  }

  @Test func `a name that merely ends alike is bound with a note`() throws {
    let adapter = try folder.adapter("", MadeTensor.pair("layers.0.q_proj", out: 6, in: 4))
    let base = try folder.base("{}", [MadeTensor("encoder.x.layers.0.q_proj.weight", [6, 4])])
    let binding = try adapter.bound(to: base)
    #expect(binding.bindings.count == 1)
    #expect(binding.notes.contains { $0.contains("by the ends of their names") })
  }

  @Test func `several names that end alike are no match, and the one with the shape is`() throws {
    let adapter = try folder.adapter("", MadeTensor.pair("layers.0.q_proj", out: 6, in: 4))
    let twins = try folder.base(
      "{}",
      [
        MadeTensor("a.x.layers.0.q_proj.weight", [6, 4]),
        MadeTensor("b.x.layers.0.q_proj.weight", [6, 4]),
      ]
    )
    let error = #expect(throws: AdapterError.self) { try adapter.bound(to: twins) }
    guard case .unmatched(_, _, let targets)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(
      targets.first?.nearMisses == [
        "a.x.layers.0.q_proj.weight", "b.x.layers.0.q_proj.weight",
      ]
    )
    try folder.path.appending("base").removeTree()
    let others = try folder.base(
      "{}",
      [
        MadeTensor("a.x.layers.0.q_proj.weight", [6, 4]),
        MadeTensor("b.x.layers.0.q_proj.weight", [8, 4]),
      ]
    )
    #expect(
      try adapter.bound(to: others).bindings.map(\.tensor) == ["a.x.layers.0.q_proj.weight"]
    )
  }

  @Test func `what is unmatched is named with what comes closest`() throws {
    let adapter = try folder.adapter(
      "",
      MadeTensor.pair("model.layers.7.self_attn.q_proj", out: 6, in: 4)
        + MadeTensor.pair("model.layers.0.self_attn.query", out: 6, in: 4)
        + MadeTensor.pair(Self.layer, out: 6, in: 4)
    )
    let base = try folder.base([
      MadeTensor(Self.layer + ".weight", [6, 4]),
      MadeTensor("model.layers.0.self_attn.k_proj.weight", [2, 4]),
      MadeTensor("model.layers.1.self_attn.q_proj.weight", [6, 4]),
      MadeTensor("model.norm.weight", [4]),
    ])
    let error = #expect(throws: AdapterError.self) { try adapter.bound(to: base) }
    guard case .unmatched(_, _, let targets)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(
      targets.map(\.target.module) == [
        "model.layers.0.self_attn.query", "model.layers.7.self_attn.q_proj",
      ]
    )
    #expect(
      targets[1].nearMisses.prefix(2) == [
        "model.layers.0.self_attn.q_proj.weight", "model.layers.1.self_attn.q_proj.weight",
      ]
    )
    #expect(targets.allSatisfy { $0.nearMisses.count <= 3 })
    let binding = try adapter.bound(to: base, allowingUnmatched: true)
    #expect(binding.bindings.count == 1)
    #expect(binding.unmatched == targets)
  }

  @Test(arguments: [
    ("", [4, 6], [6, 4]), ("", [6, 5], [6, 4]), (#""fan_in_fan_out": true"#, [5, 6], [4, 6]),
  ])
  func `a shape that does not fit is told from both sides`(
    settings: String,
    shape: [Int],
    delta: [Int]
  ) throws {
    let adapter = try folder.adapter(settings, MadeTensor.pair(Self.layer, out: 6, in: 4))
    let base = try folder.base([MadeTensor(Self.layer + ".weight", shape)])
    let error = #expect(throws: AdapterError.self) { try adapter.bound(to: base) }
    guard case .shapeMismatch(_, _, let name, let baseShape, let deltaShape)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(name.text == Self.layer + ".weight")
    #expect(baseShape.extents == shape)
    #expect(deltaShape.extents == delta)
  }

  @Test func `a square Conv1D is transposed by its flag, a linear head beside it is not`() throws {
    let adapter = try folder.adapter(
      #""fan_in_fan_out": true"#,
      MadeTensor.pair("transformer.h.0.attn.c_proj", out: 4, in: 4)
        + MadeTensor.pair("lm_head", out: 9, in: 4)
    )
    let base = try folder.base([
      MadeTensor("transformer.h.0.attn.c_proj.weight", [4, 4]),
      MadeTensor("lm_head.weight", [9, 4]),
    ])
    let bindings = try adapter.bound(to: base).bindings
    #expect(bindings.map(\.tensor) == ["lm_head.weight", "transformer.h.0.attn.c_proj.weight"])
    #expect(bindings.map(\.isTransposed) == [false, true])
  }

  @Test func `two updates of one tensor are an error`() throws {
    let adapter = try folder.adapter(
      "",
      MadeTensor.pair("model.layers.0.q_proj", out: 6, in: 4)
        + MadeTensor.pair("layers.0.q_proj", out: 6, in: 4)
    )
    let base = try folder.base([MadeTensor("model.layers.0.q_proj.weight", [6, 4])])
    let error = #expect(throws: AdapterError.self) { try adapter.bound(to: base) }
    guard case .inconsistent(_, let rule)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(rule.contains("twice"))
  }

  @Test func `a head that the adapter brings is new, and a stray module is not`() throws {
    let factors = MadeTensor.pair("roberta.encoder.layer.0.query", out: 4, in: 4)
    let adapter = try folder.adapter(
      #""modules_to_save": ["classifier", "norm"]"#,
      factors + [MadeTensor("base_model.model.classifier.dense.weight", [4, 4])]
    )
    let tensors = [MadeTensor("roberta.encoder.layer.0.query.weight", [4, 4])]
    let binding = try adapter.bound(to: try folder.base("{}", tensors))
    #expect(binding.bindings.map(\.kind) == [.new, .existing])
    #expect(binding.notes.contains { $0.contains("classifier.dense.weight") })

    try folder.path.appending("adapter").removeTree()
    let stray = try folder.adapter(
      #""modules_to_save": ["classifier", "norm"]"#,
      factors + [MadeTensor("base_model.model.roberta.norm.weight", [4])]
    )
    #expect(throws: AdapterError.self) {
      try stray.bound(to: Checkpoint(opening: folder.path.appending("base")))
    }
  }

  @Test func `a trained bias is new where the base has none`() throws {
    let adapter = try folder.adapter(
      #""lora_bias": true"#,
      MadeTensor.pair("layers.0.q_proj", out: 6, in: 4)
        + [MadeTensor("base_model.model.layers.0.q_proj.lora_B.bias", [6])]
    )
    let base = try folder.base([MadeTensor("model.layers.0.q_proj.weight", [6, 4])])
    let bindings = try adapter.bound(to: base).bindings
    #expect(
      bindings.map(\.tensor) == ["model.layers.0.q_proj.bias", "model.layers.0.q_proj.weight"]
    )
    #expect(bindings.map(\.kind) == [.new, .existing])
    guard case .delta(.stored(_, let factor)) = bindings[0].update.change else {
      Issue.record("not a stored delta")
      return
    }
    #expect(factor == 2)
  }

  @Test func `a larger vocabulary is taken with a note, another shape is not`() throws {
    let embedding = "base_model.model.model.embed_tokens."
    let base = try folder.base([MadeTensor("model.embed_tokens.weight", [9, 4])])
    let adapter = try folder.adapter(
      "",
      [
        MadeTensor(embedding + "base_layer.weight", [11, 4]),
        MadeTensor(embedding + "lora_embedding_A", [2, 11]),
        MadeTensor(embedding + "lora_embedding_B", [4, 2]),
      ]
    )
    let binding = try adapter.bound(to: base)
    #expect(binding.bindings.map(\.isTransposed) == [false, true])
    #expect(binding.notes.contains { $0.contains("11 rows") })
    try folder.path.appending("adapter").removeTree()
    let wider = try folder.adapter(
      "",
      [
        MadeTensor(embedding + "lora_embedding_A", [2, 11]),
        MadeTensor(embedding + "lora_embedding_B", [4, 2]),
      ]
    )
    #expect(throws: AdapterError.self) { try wider.bound(to: base) }
  }

  @Test func `a row beyond the vocabulary is an error`() throws {
    let base = try folder.base([MadeTensor("model.embed_tokens.weight", [9, 4])])
    let adapter = try folder.adapter(
      #""trainable_token_indices": {"embed_tokens": [3, 9]}"#,
      [
        MadeTensor(
          "base_model.model.model.embed_tokens.token_adapter.trainable_tokens_delta",
          [2, 4]
        )
      ]
    )
    #expect(throws: AdapterError.self) { try adapter.bound(to: base) }
  }

  @Test func `one matrix is no update of all experts`() throws {
    let adapter = try folder.adapter(
      "",
      MadeTensor.pair("model.layers.0.mlp.experts.gate_up_proj", out: 6, in: 4)
    )
    let base = try folder.base([
      MadeTensor("model.layers.0.mlp.experts.gate_up_proj", [2, 6, 4])
    ])
    let error = #expect(throws: AdapterError.self) { try adapter.bound(to: base) }
    guard case .unmatched(_, _, let targets)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(targets.count == 1)
  }
}
