import Files
import Tensors
import Testing

@testable import Adapters

@Suite struct OpeningTests {
  let folder: MadeFolder

  init() throws { folder = try MadeFolder() }

  static let pair = MadeTensor.pair("model.layers.0.q_proj", out: 6, in: 4)
  static let prefix = "base_model.model.model.layers.0.q_proj."

  @Test(arguments: [
    (#""r": 0"#, "r = 0"), (#""r": -2"#, "r = -2"), (#""r": 1e308"#, "r = 1e+308"),
    (#""r": 2.5"#, "r = 2.5"), (#""r": "2""#, #"r = "2""#),
    (#""r": 99999999999999999999"#, "a rank is a positive whole number"),
    (#""r": 2, "lora_alpha": NaN"#, "not a finite number"),
    (#""r": 2, "lora_alpha": "16""#, "not a finite number"),
    (#""r": 3"#, "says 3"),
    (#""r": 2, "use_rslora": 1"#, "use_rslora"),
    (#""r": 2, "use_dora": true"#, "no lora_magnitude_vector"),
    (#""r": 2, "rank_pattern": []"#, "rank_pattern that is not an object"),
    (#""r": 2, "rank_pattern": {"q_(proj": 2}"#, "without its ')'"),
    (#""r": 2, "rank_pattern": {"q_proj": 0}"#, #"rank_pattern["q_proj"] = 0"#),
    (#""r": 2, "rank_pattern": {"q_proj": 9}"#, "says 9"),
    (#""r": 2, "alpha_pattern": {"q_proj": null}"#, "not a finite number"),
    (#""r": 2, "modules_to_save": [1]"#, "modules_to_save"),
    (#""r": 2, "base_model_name_or_path": {}"#, "twice"),
    (#""r": 2, "trainable_token_indices": [1, 1]"#, "a row twice"),
    (#""r": 2, "trainable_token_indices": [-1]"#, "row numbers"),
    (#""r": 2, "trainable_token_indices": {"embed": "x"}"#, "row numbers"),
    (#""r": 2, "init_lora_weights": "corda""#, "CorDA"),
    (#""r": 2, "init_lora_weights": "pissa_niter_4""#, "PiSSA"),
    (#""r": 2, "init_lora_weights": "loftq""#, "LoftQ"),
    (#""r": 2, "init_lora_weights": "lora_ga""#, "LoRA-GA"),
    (#""r": 2, "init_lora_weights": "brand_new""#, "brand_new, which"),
    (#""r": 2, "kasa_config": {"beta": 1}"#, "KaSA"),
    (#""r": 2, "use_bdlora": {"nblocks": 3, "target_modules_bd_a": ["q_"]}"#, "blocks of 3"),
    (#""r": 2, "use_bdlora": true"#, "use_bdlora that is not an object"),
    (#""r": 2, "arrow_config": {"top_k": 1}"#, "Arrow"),
    (#""r": 2, "layer_replication": [[0, 1], [0, 1]]"#, "layer_replication"),
    (#""r": 2, "enable_lora": [true, false, true]"#, "the factors of 2 enabled parts"),
    (#""r": 2, "enable_lora": [1]"#, "a list of true and false"),
    (#""r": 2, "use_mora": true"#, "one square, stored twice"),
  ])
  func `a configuration that breaks a rule is refused with the rule`(
    settings: String,
    rule: String
  ) {
    let refusal = refusal { try folder.adapter(settings, Self.pair) }
    #expect(refusal.contains(rule), "\(refusal)")
  }

  @Test func `a method that nobody knows is refused by its name`() throws {
    try folder.write(#"{"peft_type": "NOVEL"}"#, to: "adapter/adapter_config.json")
    try folder.write(Self.pair, to: "adapter/adapter_model.safetensors")
    let refusal = refusal { try Adapter(opening: folder.path.appending("adapter")) }
    #expect(refusal.contains("NOVEL"))
  }

  @Test func `numbers may be written with a fraction, and alpha may be negative`() throws {
    let adapter = try folder.adapter(#""r": 2.0, "lora_alpha": -3.5"#, Self.pair)
    #expect(adapter.updates.first?.lowRank?.scaling.factor == -1.75)
    #expect(adapter.notes.contains { $0.contains("sign") })
  }

  @Test func `PEFT's defaults hold where the configuration is silent`() throws {
    try folder.write(#"{"peft_type": "LORA"}"#, to: "a/adapter_config.json")
    try folder.write(
      MadeTensor.pair("q_proj", rank: 8, out: 6, in: 4),
      to: "a/adapter_model.safetensors"
    )
    let adapter = try Adapter(opening: folder.path.appending("a"))
    #expect(adapter.updates.first?.lowRank?.scaling == Scaling(alpha: 8, rank: 8))
    #expect(adapter.method == .lora)
  }

  @Test func `harmless keys are silent and unknown ones become a note`() throws {
    let adapter = try folder.adapter(
      #""velora_config": null, "init_lora_weights": "gaussian", "x_new": 1"#,
      Self.pair
    )
    #expect(adapter.notes.count == 1)
    #expect(adapter.notes[0].contains("x_new"))
  }

  @Test(arguments: [
    ([MadeTensor(prefix + "lora_A.weight", [2, 4])], "no factor B"),
    ([MadeTensor(prefix + "lora_B.weight", [6, 2])], "no factor A"),
    (pair + [MadeTensor(prefix + "lora_C.weight", [2, 2])], "lora_C.weight"),
    (pair + [MadeTensor(prefix + "hada_w1_a", [2, 2])], "hada_w1_a"),
    (
      [
        MadeTensor(prefix + "lora_A.weight", [2, 4]), MadeTensor(prefix + "lora_B.weight", [6, 3]),
      ],
      "not two factors"
    ),
    (
      [
        MadeTensor(prefix + "lora_A.weight", [2, 4], .i8),
        MadeTensor(prefix + "lora_B.weight", [6, 2], .i8),
      ], "type I8"
    ),
    (
      pair + [MadeTensor("base_model.model.module.model.layers.0.q_proj.lora_A.weight", [2, 4])],
      "mean the same tensor"
    ),
    (
      [
        MadeTensor(prefix + "lora_A.one.weight", [2, 4]),
        MadeTensor(prefix + "lora_B.two.weight", [6, 2]),
      ], "several adapters, one, two"
    ),
    (pair + [MadeTensor(prefix + "lora_magnitude_vector", [6])], "use_dora is false"),
    (pair + [MadeTensor(prefix + "lora_B.bias", [5])], "lora_B.bias"),
    ([MadeTensor(prefix + "lora_B.bias", [5])], "without the factors"),
    (pair + [MadeTensor("e.token_adapter.trainable_tokens_delta", [1, 4])], "names no rows"),
    (
      [
        MadeTensor("conv.lora_A.weight", [4, 8, 3, 3]),
        MadeTensor("conv.lora_B.weight", [12, 2, 1, 1]),
      ],
      "grouped convolution"
    ),
    (
      [MadeTensor("qkv.lora_A.weight", [4, 8]), MadeTensor("qkv.lora_B.weight", [12, 2, 1])],
      "MergedLinear"
    ),
    (pair + [MadeTensor("attn.base_layer.out_proj.lora_A.weight", [2, 4])], "no factor B"),
    (
      [MadeTensor(prefix + "lora_A.weight", [0]), MadeTensor(prefix + "lora_B.weight", [0])],
      "ZeRO-3"
    ),
    ([MadeTensor("lm_head.weight", [6, 4])], "without a single LoRA factor"),
    ([], "empty"),
    ([MadeTensor(prefix + String(repeating: "x", count: 600), [1])], "bytes long"),
  ])
  func `tensors that contradict one another are named`(tensors: [MadeTensor], rule: String) {
    let refusal = refusal { try folder.adapter("", tensors) }
    #expect(refusal.contains(rule), "\(refusal)")
  }

  @Test(arguments: [
    "base_model.model.a.b.lora_A.weight", "a.b.lora_A.weight", "module.a.b.lora_A.default.weight",
    "base_model.model.base_model.model.a.b.lora_A.weight",
    "base_model.model._orig_mod.a._fsdp_wrapped_module.b.lora_A.default.weight",
    "_orig_mod.base_model.model.a._checkpoint_wrapped_module.b.lora_A.weight",
    "base_model.model.a.b.base_layer.nothing",
  ])
  func `wrappers and adapter names are taken off`(name: String) {
    let key = PEFTKey(TensorName(name))
    #expect(key.module == "a.b")
  }

  @Test func `modules under modules_to_save take their plain names, copies are left out`() throws {
    let adapter = try folder.adapter(
      #""modules_to_save": ["classifier"]"#,
      Self.pair + [
        MadeTensor("base_model.model.classifier.modules_to_save.default.weight", [3, 4]),
        MadeTensor("base_model.model.classifier.original_module.weight", [3, 4]),
        MadeTensor("base_model.model.score.modules_to_save.dense.bias", [3]),
        MadeTensor("base_model.model.score.dense.bias", [3]),
      ]
    )
    #expect(
      adapter.updates.map(\.target.description) == [
        "classifier.weight", "model.layers.0.q_proj.weight", "score.dense.bias",
      ]
    )
    #expect(adapter.notes.count == 2)
    #expect(adapter.wholeModules == ["classifier"])
  }

  @Test func `a training folder names the adapters further down`() throws {
    for step in [1000, 500] {
      try folder.write(Self.pair, to: "run/checkpoint-\(step)/adapter_model.safetensors")
    }
    try folder.write("{}", to: "run/style/adapter_config.json")
    let outcome = refusal { try Adapter(opening: folder.path.appending("run")) }
    #expect(outcome.contains(#"["style", "checkpoint-500", "checkpoint-1000"]"#), "\(outcome)")
  }

  @Test func `weights without a configuration, and the other way round`() throws {
    try folder.write(Self.pair, to: "alone/adapter_model.safetensors")
    #expect(
      refusal { try Adapter(opening: folder.path.appending("alone")) }
        .contains("without the adapter_config.json")
    )
    try folder.write(#"{"peft_type": "LORA"}"#, to: "config/adapter_config.json")
    #expect(
      refusal { try Adapter(opening: folder.path.appending("config")) }.contains(
        "without its weights"
      )
    )
    try folder.write("{", to: "broken/adapter_config.json")
    try folder.write(Self.pair, to: "broken/adapter_model.safetensors")
    #expect(
      refusal { try Adapter(opening: folder.path.appending("broken")) }.contains("is not JSON")
    )
    try folder.write(#"{"r": 2, "lora_alpha": 4}"#, to: "untyped/adapter_config.json")
    try folder.write(Self.pair, to: "untyped/adapter_model.safetensors")
    #expect(
      refusal { try Adapter(opening: folder.path.appending("untyped")) }.contains("no peft_type")
    )
    #expect(
      refusal { try Adapter(opening: folder.path.appending("absent")) }.contains("notFound")
    )
  }

  @Test func `safetensors are preferred to a pickle beside them`() throws {
    try folder.write("not read", to: "adapter/adapter_model.bin")
    let adapter = try folder.adapter("", Self.pair)
    #expect(adapter.notes.contains { $0.contains("adapter_model.bin stands beside") })
    let file = folder.path.appending("adapter").appending("adapter_model.safetensors")
    #expect(try Adapter(opening: file).updates.count == 1)
  }
}
