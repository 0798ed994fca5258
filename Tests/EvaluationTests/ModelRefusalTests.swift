import Adapters
import Evaluation
import Files
import JSON
import Tensors
import TestSupport
import Testing

/// Models that would be computed wrongly are refused, each by what is wrong.
struct ModelRefusalTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  /// The tiny Llama with a changed configuration.
  private func load(_ changes: [(String, JSONValue)]) throws -> LanguageModel {
    let folder = Fixtures.folder.appending("evaluate/models/llama")
    var config = try JSONValue(
      parsing: FileReader.contents(of: folder.appending("config.json"), limit: 1 << 20))
    for (key, value) in changes { config.set(key, to: value) }
    try directory.write(Array(config.text().utf8), named: "config.json")
    try directory.write(
      FileReader.contents(of: folder.appending("model.safetensors"), limit: 1 << 24),
      named: "model.safetensors")
    return try LanguageModel(
      AdaptedModel(base: try Checkpoint(opening: directory.path)), weights: BaseWeights(),
      execution: Execution())
  }

  @Test func `an architecture that is not computed is named`() {
    #expect {
      try load([("architectures", ["T5ForConditionalGeneration"])])
    } throws: { error in
      guard case EvaluationError.unsupportedArchitecture(_, "T5ForConditionalGeneration") = error
      else { return false }
      return true
    }
  }

  @Test(arguments: [
    ("attn_logit_softcapping", JSONValue.number(30), "attn_logit_softcapping is unknown"),
    ("hidden_act", JSONValue.string("mish"), "hidden_act is \"mish\", which is not computed"),
    (
      "rope_parameters", JSONValue.object([.init("rope_type", "longrope")]),
      "rope_type longrope is not computed"
    ),
    ("rope_parameters", JSONValue.object([.init("odd", 1)]), "the rotary scaling's odd is unknown"),
    (
      "num_key_value_heads", JSONValue.integer(3),
      "num_key_value_heads does not divide num_attention_heads"
    ),
    ("hidden_size", JSONValue.string("wide"), "hidden_size is not a positive integer"),
  ])
  func `a member that is unknown or not computed is named`(
    key: String, value: JSONValue, problem: String
  ) {
    #expect {
      try load([(key, value)])
    } throws: { error in
      guard case EvaluationError.unsupportedConfiguration(_, let problems) = error else {
        return false
      }
      return problems.contains(problem)
    }
  }

  @Test func `inert members and unknown ones that are null are passed over`() throws {
    _ = try load([("use_cache", false), ("something_new", .null), ("_name_or_path", "x")])
  }

  @Test func `tensors that are missing, left over or misshapen are named`() {
    #expect {
      try load([("num_hidden_layers", 3)])
    } throws: { error in
      guard case EvaluationError.missingTensors(_, let names) = error else { return false }
      return names.contains("model.layers.2.mlp.up_proj.weight")
    }
    #expect {
      try load([("num_hidden_layers", 1)])
    } throws: { error in
      guard case EvaluationError.unusedTensors(_, let names) = error else { return false }
      return names.count == 9 && names[0] == "model.layers.1.input_layernorm.weight"
    }
    #expect {
      try load([("intermediate_size", 64)])
    } throws: { error in
      guard case EvaluationError.misshapen(_, let name, _, _) = error else { return false }
      return name == "model.layers.0.mlp.gate_proj.weight"
    }
  }
}
