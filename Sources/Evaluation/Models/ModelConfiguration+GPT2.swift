internal import Compute
internal import JSON

extension ModelConfiguration {
  /// GPT-2 (transformers' `GPT2Config`).
  static func gpt2(_ reader: inout ConfigurationReader, _ name: String) -> ModelConfiguration {
    let hidden = reader.count("n_embd", "hidden_size", fallback: 768)
    let heads = reader.count("n_head", "num_attention_heads", fallback: 12, limit: 1 << 16)
    let layers = reader.count("n_layer", "num_hidden_layers", fallback: 12, limit: 1 << 16)
    if hidden % max(heads, 1) != 0 { reader.refuse("n_head does not divide n_embd") }
    if !reader.flag("scale_attn_weights", fallback: true) {
      reader.refuse("scale_attn_weights is false, which is not computed")
    }
    if reader.flag("scale_attn_by_inverse_layer_idx", fallback: false) {
      reader.refuse("scale_attn_by_inverse_layer_idx is true, which is not computed")
    }
    return ModelConfiguration(
      family: .gpt2, architecture: name, layerCount: layers, hiddenSize: hidden,
      innerSize: reader.count("n_inner", fallback: 4 * hidden), headCount: heads,
      keyValueHeadCount: heads, headSize: max(1, hidden / max(heads, 1)),
      vocabularySize: reader.count("vocab_size", fallback: 50257),
      contextLength: reader.count("n_positions", "max_position_embeddings", fallback: 1024),
      epsilon: reader.number("layer_norm_epsilon", fallback: 1e-5),
      activation: activation(&reader, "activation_function", fallback: .geluTanh), rotary: nil,
      windows: Array(repeating: nil, count: layers), hasAttentionBias: true, hasOutputBias: true,
      hasInnerBias: true)
  }
}
