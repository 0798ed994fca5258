internal import Compute
internal import JSON

extension ModelConfiguration {
  /// Llama 1 to 3 (transformers' `LlamaConfig`).
  static func llama(_ reader: inout ConfigurationReader, _ name: String) -> ModelConfiguration {
    let attention = reader.flag("attention_bias", fallback: false)
    return rotary(
      &reader, name, windows: nil, attentionBias: attention, outputBias: attention,
      innerBias: reader.flag("mlp_bias", fallback: false))
  }

  /// Mistral: Llama with a sliding window in every layer: 4096 where the configuration does not
  /// speak of it, none where it has `null`.
  static func mistral(_ reader: inout ConfigurationReader, _ name: String) -> ModelConfiguration {
    let window = reader.has("sliding_window") ? slidingWindow(&reader) : 4096
    return rotary(
      &reader, name, windows: { _ in window }, attentionBias: false, outputBias: false,
      innerBias: false)
  }

  /// Qwen2: Llama with biases on queries, keys and values, and windows in the upper layers.
  static func qwen2(_ reader: inout ConfigurationReader, _ name: String) -> ModelConfiguration {
    let slides = reader.flag("use_sliding_window", fallback: false)
    let window = slidingWindow(&reader)
    let types = reader.value("layer_types")?.elements?.compactMap(\.string)
    let first = reader.value("max_window_layers")?.integer ?? 28
    return rotary(
      &reader, name,
      windows: { layer in
        guard slides else { return nil }
        if let types {
          return layer < types.count && types[layer] == "sliding_attention" ? window : nil
        }
        return layer >= first ? window : nil
      }, attentionBias: true, outputBias: false, innerBias: false)
  }

  private static func slidingWindow(_ reader: inout ConfigurationReader) -> Int? {
    guard reader.value("sliding_window") != nil else { return nil }
    return reader.count("sliding_window")
  }

  private static func rotary(
    _ reader: inout ConfigurationReader, _ name: String, windows: ((Int) -> Int?)?,
    attentionBias: Bool, outputBias: Bool, innerBias: Bool
  ) -> ModelConfiguration {
    let hidden = reader.count("hidden_size")
    let heads = reader.count("num_attention_heads", limit: 1 << 16)
    let groups = reader.count("num_key_value_heads", fallback: heads, limit: 1 << 16)
    let layers = reader.count("num_hidden_layers", limit: 1 << 16)
    let context = reader.count("max_position_embeddings", fallback: 2048)
    let size = reader.count("head_dim", fallback: max(1, hidden / max(heads, 1)), limit: 1 << 16)
    if heads % max(groups, 1) != 0 {
      reader.refuse("num_key_value_heads does not divide num_attention_heads")
    }
    if size % 2 != 0 { reader.refuse("head_dim is odd") }
    let activation = activation(&reader, "hidden_act", fallback: .silu)
    return ModelConfiguration(
      family: .llama, architecture: name, layerCount: layers, hiddenSize: hidden,
      innerSize: reader.count("intermediate_size"), headCount: heads, keyValueHeadCount: groups,
      headSize: size, vocabularySize: reader.count("vocab_size"), contextLength: context,
      epsilon: reader.number("rms_norm_eps", fallback: 1e-6), activation: activation,
      rotary: RotaryScaling(&reader, context: context),
      windows: (0..<layers).map { windows?($0) }, hasAttentionBias: attentionBias,
      hasOutputBias: outputBias, hasInnerBias: innerBias)
  }

  /// The activation function under a key, by transformers' names.
  static func activation(
    _ reader: inout ConfigurationReader, _ key: String, fallback: ActivationFunction
  ) -> ActivationFunction {
    guard let value = reader.value(key) else { return fallback }
    switch value.string {
    case "silu", "swish": return .silu
    case "gelu": return .gelu
    case "gelu_new", "gelu_pytorch_tanh", "gelu_fast": return .geluTanh
    case "relu": return .relu
    default:
      reader.refuse("\(key) is \(value.text()), which is not computed")
      return fallback
    }
  }
}
