import Files
import Tensors
import TestSupport
import Testing

@testable import Adapters

/// What is no adapter of its method, and what one pass cannot do, each refused by name.
@Suite struct MethodRefusalTests {
  private let folder: MadeFolder

  init() throws { folder = try MadeFolder() }

  private static let module = "base_model.model.q_proj"

  private func outcome(_ settings: String, _ tensors: [MadeTensor]) -> String {
    refusal {
      try folder.write("{\(settings)}", to: "a/adapter_config.json")
      try folder.write(tensors, to: "a/adapter_model.safetensors")
      return try Adapter(opening: folder.path.appending("a"))
    }
  }

  @Test(arguments: [
    (#""peft_type": "OFT""#, [MadeTensor(module + ".oft_r", [4, 2, 2])], "PEFT 0.15 or older"),
    (#""peft_type": "OFT""#, [MadeTensor(module + ".oft_R.weight", [4, 5])], "upper triangles"),
    (
      #""peft_type": "OFT", "block_share": true"#, [MadeTensor(module + ".oft_R.weight", [4, 6])],
      "shares one"
    ),
    (
      #""peft_type": "BOFT""#,
      [MadeTensor(module + ".boft_R", [2, 3, 4, 4]), MadeTensor(module + ".boft_s", [6, 1])],
      "butterfly"
    ),
    (#""peft_type": "IA3""#, [MadeTensor(module + ".ia3_l", [2, 3])], "each input or output"),
    (#""peft_type": "ADALORA""#, [MadeTensor(module + ".lora_A", [2, 3])], "no lora_B"),
    (
      #""peft_type": "LOHA""#, MadeTensor.pair("q_proj", out: 4, in: 4), "no rule of PEFT's layout"
    ),
    (#""peft_type": "LORA""#, [MadeTensor(module + ".hada_w1_a", [2, 3])], "no rule of PEFT's"),
    (#""peft_type": "VERA""#, [MadeTensor(module + ".vera_lambda_b", [2])], "no vera_lambda_d"),
    (
      #""peft_type": "LORA", "use_mora": true, "mora_type": 5"#,
      [MadeTensor(module + ".lora_A.weight", [4, 4])], "a MoRA of type 5"
    ),
    (
      #""peft_type": "LORA", "use_mora": true, "fan_in_fan_out": true"#,
      [MadeTensor(module + ".lora_A.weight", [4, 4])], "untransposed"
    ),
    (
      #""peft_type": "LORA", "r": 2"#,
      [MadeTensor(module + "_lora_latent_mapping.weight", [2, 2])], "without the factors A and B"
    ),
    (
      #""peft_type": "LORA", "r": 2"#,
      MadeTensor.pair("q_proj", out: 4, in: 4)
        + [MadeTensor(module + "_lora_latent_mapping.weight", [3, 3])], "three factors"
    ),
    (#""peft_type": "LORA""#, [MadeTensor(module + ".lora_A", [2, 3])], "enable_lora"),
    (#""peft_type": "HRA""#, [MadeTensor(module + ".hra_u", [2, 3])], "a PEFT hra adapter"),
    (#""peft_type": "XLORA""#, [MadeTensor(module + ".x", [2, 3])], "depends on the input"),
    (
      #""peft_type": "PROMPT_TUNING""#, [MadeTensor("prompt_embeddings", [2, 3])],
      "changes the prompt"
    ),
  ])
  func `it is refused by name`(settings: String, tensors: [MadeTensor], reason: String) {
    let found = outcome(settings, tensors)
    #expect(found.lowercased().contains(reason.lowercased()), "\(found)")
  }

  @Test func `a MoRA whose two squares differ is refused when it is merged`() throws {
    let base = try folder.base([FilledTensor("q_proj.weight", [6, 10], seed: 1)])
    // ⌊√((6 + 10)·1) + ½⌋ = 4
    let squares = ["lora_A", "lora_B"].enumerated().map { number, name in
      FilledTensor("\(Self.module).\(name).weight", [4, 4], seed: UInt64(number))
    }
    let adapter = try folder.adapter(
      squares, settings: [#""use_mora": true"#, #""r": 1"#, #""lora_alpha": 1"#])
    let plan = try MergePlan(
      base: base, adapters: [WeightedAdapter(adapter)], options: MergeOptions())
    let error = #expect(throws: AdapterError.self) {
      try plan.write(to: folder.path.appending("out"), tool: "test", execution: .small)
    }
    guard case .inconsistent(_, let rule)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(rule.contains("should be the same matrix"))
    #expect(!folder.path.appending("out").isDirectory)
  }

  @Test func `a MoRA of another base's extents is refused, not spread`() throws {
    let base = try folder.base([FilledTensor("q_proj.weight", [60, 10], seed: 1)])
    let adapter = try folder.adapter(
      [FilledTensor("\(Self.module).lora_A.weight", [4, 4], seed: 2)],
      settings: [#""use_mora": true"#, #""r": 1"#, #""lora_alpha": 1"#])
    let error = #expect(throws: AdapterError.self) { try adapter.bound(to: base) }
    guard case .inconsistent(_, let rule)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(rule.contains("not the square"))
  }

  private func oft(_ name: String, seed: UInt64) throws -> Adapter {
    try folder.write(
      #"{"peft_type": "OFT", "base_model_name_or_path": "base"}"#, to: "\(name)/adapter_config.json"
    )
    try folder.write(
      [FilledTensor("\(Self.module).oft_R.weight", [5, 6], deviation: 0.2, seed: seed)],
      to: "\(name)/adapter_model.safetensors")
    return try Adapter(opening: folder.path.appending(name))
  }

  @Test func `two maps of one weight are refused, a share of one is merged and taken out`() throws {
    let base = try folder.base([FilledTensor("q_proj.weight", [33, 20], .bf16, seed: 1)])
    let (one, two) = (try oft("one", seed: 2), try oft("two", seed: 3))
    let error = #expect(throws: AdapterError.self) {
      try MergePlan(
        base: base, adapters: [WeightedAdapter(one), WeightedAdapter(two)], options: MergeOptions())
    }
    guard case .unsupported(_, let what, _)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(what.contains("maps as a whole"))
    let trip = try folder.roundTrip(base, [WeightedAdapter(one, weight: 0.5)])
    #expect(try trip.differences() == [])
  }

  @Test(arguments: [DType.bf16, .f16, .f32, .f64])
  func `a map would spread what is not a number, and is refused`(dtype: DType) throws {
    let base = try folder.base([
      FilledTensor("q_proj.weight", [330, 20], dtype, seed: 1).withNaN(seed: 5)
    ])
    let error = #expect(throws: AdapterError.self) {
      try folder.roundTrip(base, [WeightedAdapter(try oft("one", seed: 2))], named: "odd")
    }
    guard case .notFinite(let path, let name, count: 1...)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    // The base is at fault, and named.
    #expect(path.text.contains("base") && name.text == "q_proj.weight")
    #expect(folder.path.appending("odd-merged").kind == nil)
  }
}

extension FilledTensor {
  /// This tensor with a few NaN of odd payloads, −0 and subnormal numbers.
  fileprivate func withNaN(seed: UInt64) -> FilledTensor {
    var generator = SeededGenerator(seed: seed)
    let width = dtype.bitWidth / 8
    var odd = self
    for number in 0..<12 {
      let element = generator.index(below: bytes.count / width)
      for place in 0..<width { odd.bytes[element * width + place] = 0 }
      let last = element * width + width - 1
      switch number % 3 {
      case 0:
        odd.bytes[last] = 0xFF
        odd.bytes[last - 1] = 0xF9
        odd.bytes[element * width] |= 3
      case 1: odd.bytes[last] = 0x80
      default: odd.bytes[element * width] = 5
      }
    }
    return odd
  }
}
