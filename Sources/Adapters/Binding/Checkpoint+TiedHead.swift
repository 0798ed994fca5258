internal import JSON
public import Tensors

extension Checkpoint {
  /// The output head and the input embedding of a base that keeps one tensor for both: the name the
  /// head would have, and the tensor that stands for it.
  ///
  /// Nil where the file has a head of its own, where the configuration unties the two, and where
  /// the model has no such head: classifiers, bare encoders.
  public var tiedHead: (head: TensorName, embedding: TensorName)? { tiedPair(headInFile: false) }

  /// The output head and the input embedding of a base whose configuration ties them although its
  /// files have a tensor for each.
  public var repeatedHead: (head: TensorName, embedding: TensorName)? {
    tiedPair(headInFile: true)
  }

  private func tiedPair(headInFile: Bool) -> (head: TensorName, embedding: TensorName)? {
    guard let config, tiesEmbeddings(config) else { return nil }
    let type = config["model_type"]?.string
    for layout in HeadLayout.all
    where layout.suits(architectures: architectures(config), modelType: type) {
      if (self[layout.head] != nil) == headInFile, self[layout.embedding] != nil {
        return (layout.head, layout.embedding)
      }
    }
    return nil
  }

  /// `tie_word_embeddings` of the model or of its language model; transformers' default where
  /// neither says it.
  private func tiesEmbeddings(_ config: JSONValue) -> Bool {
    let inner = ["text_config", "llm_config", "language_config", "decoder"].compactMap {
      config[$0]
    }
    for document in [config] + inner {
      if let ties = document["tie_word_embeddings"]?.bool { return ties }
    }
    let types = ([config] + inner).compactMap { $0["model_type"]?.string }
    return !types.contains(where: HeadLayout.untiedTypes.contains)
  }

  private func architectures(_ config: JSONValue) -> [String] {
    (config["architectures"]?.elements ?? []).compactMap(\.string)
  }
}

/// Where models of one family have their head and their embedding.
struct HeadLayout {
  let head: TensorName
  let embedding: TensorName
  /// Whether the head predicts masked words, as encoders do.
  var isMasked = false
  /// The only model type that has this layout; nil where the names tell.
  var modelType: String?

  /// Whether a model of these architectures has this kind of head; no architecture counts as a
  /// causal model.
  func suits(architectures: [String], modelType type: String?) -> Bool {
    if let modelType, modelType != type { return false }
    if isMasked {
      return architectures.contains {
        $0.hasSuffix("ForMaskedLM") || $0.hasSuffix("ForPreTraining")
      }
    }
    return architectures.isEmpty
      || architectures.contains { name in Self.generativeEnds.contains(where: name.hasSuffix) }
  }

  private static let generativeEnds = [
    "ForCausalLM", "LMHeadModel", "ForConditionalGeneration", "DoubleHeadsModel",
    "ForVision2Seq", "ForImageTextToText",
  ]

  /// Model types whose configuration class unties the two where the file does not speak of it.
  static let untiedTypes: Set<String> = [
    "codegen", "dbrx", "deepseek_v2", "deepseek_v3", "glm", "gpt_neox", "gpt_oss", "gptj",
    "granite", "internlm2", "jamba", "llama", "minimax", "mistral", "mixtral", "olmo", "olmo2",
    "olmoe", "persimmon", "phi", "phi3", "phimoe", "qwen2", "qwen2_moe", "qwen3", "qwen3_moe",
    "rwkv", "stablelm",
  ]

  /// The layouts, the first one present wins.
  static let all: [HeadLayout] =
    [
      HeadLayout(
        head: "proj_out.weight",
        embedding: "model.decoder.embed_tokens.weight",
        modelType: "whisper"
      )
    ]
    + [
      "model.embed_tokens", "model.decoder.embed_tokens", "decoder.embed_tokens",
      "transformer.wte", "wte", "transformer.word_embeddings", "word_embeddings",
      "model.shared", "shared", "transformer.embed_tokens", "embed_tokens",
      "backbone.embeddings", "backbone.embedding", "model.language_model.embed_tokens",
    ].map { HeadLayout(head: "lm_head.weight", embedding: TensorName($0 + ".weight")) }
    + [
      HeadLayout(
        head: "language_model.lm_head.weight",
        embedding: "language_model.model.embed_tokens.weight"
      ),
      HeadLayout(head: "embed_out.weight", embedding: "gpt_neox.embed_in.weight"),
      HeadLayout(
        head: "cls.predictions.decoder.weight",
        embedding: "bert.embeddings.word_embeddings.weight",
        isMasked: true
      ),
      HeadLayout(
        head: "lm_head.decoder.weight",
        embedding: "roberta.embeddings.word_embeddings.weight",
        isMasked: true
      ),
      HeadLayout(
        head: "vocab_projector.weight",
        embedding: "distilbert.embeddings.word_embeddings.weight",
        isMasked: true
      ),
      HeadLayout(
        head: "generator_lm_head.weight",
        embedding: "electra.embeddings.word_embeddings.weight",
        isMasked: true
      ),
    ]
}
