public import Compute
internal import Files
internal import JSON
public import Tensors

/// What a forward pass needs to know of a model, out of its `config.json`.
public struct ModelConfiguration: Hashable, Sendable {
  /// The families that are computed.
  public enum Family: String, Hashable, Sendable {
    /// RMSNorm, rotary positions, gated feed-forward: Llama 1 to 3, Qwen2, Mistral.
    case llama
    /// LayerNorm, learned positions, fused attention weights stored as `[in, out]`.
    case gpt2
  }

  /// The family.
  public let family: Family
  /// The class that the configuration names: `LlamaForCausalLM`.
  public let architecture: String
  /// The number of blocks.
  public let layerCount: Int
  /// The width of the hidden values.
  public let hiddenSize: Int
  /// The width inside a feed-forward block.
  public let innerSize: Int
  /// The number of query heads.
  public let headCount: Int
  /// The number of key and value heads; divides `headCount`.
  public let keyValueHeadCount: Int
  /// The width of a head.
  public let headSize: Int
  /// The number of tokens.
  public let vocabularySize: Int
  /// The longest input.
  public let contextLength: Int
  /// ε of the normalisations.
  public let epsilon: Double
  /// The function between the halves of a feed-forward block.
  public let activation: ActivationFunction
  /// How positions turn queries and keys; nil where positions are learned.
  public let rotary: RotaryScaling?
  /// How many positions back each layer sees, itself included; nil for all of them.
  public let windows: [Int?]
  /// Whether queries, keys and values have biases.
  public let hasAttentionBias: Bool
  /// Whether the attention's output has a bias.
  public let hasOutputBias: Bool
  /// Whether the feed-forward weights have biases.
  public let hasInnerBias: Bool

  /// The longest input that the model computes as it was trained.
  public var inputLength: Int { min(contextLength, rotary?.validLength ?? Int.max) }
}

extension ModelConfiguration {
  /// Reads the configuration of a checkpoint.
  ///
  /// Throws for an architecture that is not computed, and for every member that is unknown or asks
  /// for what is not computed: none of them is passed over.
  public init(of checkpoint: Checkpoint) throws(EvaluationError) {
    guard let document = checkpoint.config, case .object = document else {
      throw .noConfiguration(checkpoint.path)
    }
    let name =
      document["architectures"]?.elements?.first?.string ?? document["model_type"]?.string ?? ""
    var reader = ConfigurationReader(document)
    let configuration: ModelConfiguration?
    switch (name, document["model_type"]?.string) {
    case ("LlamaForCausalLM", "llama"): configuration = Self.llama(&reader, name)
    case ("MistralForCausalLM", "mistral"): configuration = Self.mistral(&reader, name)
    case ("Qwen2ForCausalLM", "qwen2"): configuration = Self.qwen2(&reader, name)
    case ("GPT2LMHeadModel", "gpt2"): configuration = Self.gpt2(&reader, name)
    default:
      throw .unsupportedArchitecture(
        checkpoint.path, name: name.isEmpty ? "an unnamed architecture" : name)
    }
    let problems = reader.finish()
    guard problems.isEmpty, let configuration else {
      throw .unsupportedConfiguration(checkpoint.path, problems)
    }
    self = configuration
  }
}
