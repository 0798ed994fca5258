/// The names of modules in llama.cpp's files and in transformers, for one architecture.
///
/// Source: llama.cpp, gguf-py/gguf/tensor_mapping.py and the models' classes in
/// convert_hf_to_gguf.py.
struct GGUFNames {
  /// llama.cpp's name of the architecture.
  let architecture: String
  /// Whether the rows of queries and keys are in Meta's order (`undo_permute`).
  let permutesHeads: Bool
  /// The parts of a layer: llama.cpp's name, transformers' name.
  private let parts: [(gguf: String, transformers: String)]

  private static let tops = [("output", "lm_head"), ("token_embd", "model.embed_tokens")]
  private static let separate = [
    ("attn_q", "self_attn.q_proj"), ("attn_k", "self_attn.k_proj"), ("attn_v", "self_attn.v_proj"),
    ("attn_output", "self_attn.o_proj"), ("ffn_gate", "mlp.gate_proj"),
    ("ffn_up", "mlp.up_proj"), ("ffn_down", "mlp.down_proj"),
  ]
  private static let fused = [
    ("attn_qkv", "self_attn.qkv_proj"), ("attn_output", "self_attn.o_proj"),
    ("ffn_up", "mlp.gate_up_proj"), ("ffn_down", "mlp.down_proj"),
  ]

  /// The names of an architecture; nil for one that is not known here.
  init?(architecture: String) {
    switch architecture {
    case "llama": (permutesHeads, parts) = (true, Self.separate)
    case "qwen2", "qwen3", "gemma", "gemma2", "gemma3":
      (permutesHeads, parts) = (false, Self.separate)
    case "phi3": (permutesHeads, parts) = (false, Self.fused)
    default: return nil
    }
    self.architecture = architecture
  }

  /// The names for a base's model type, as transformers' configurations have it; nil where its
  /// architecture is not known here.
  init?(modelType: String) {
    switch modelType {
    case "mistral": self.init(architecture: "llama")
    case "gemma3_text": self.init(architecture: "gemma3")
    default: self.init(architecture: modelType)
    }
  }

  /// The architectures known here, for hints.
  static let known = "llama, mistral, qwen2, qwen3, gemma, gemma2, gemma3 and phi3"

  /// transformers' name of a module; nil where the architecture has no such module.
  func transformers(_ name: String) -> String? {
    if let top = Self.tops.first(where: { $0.0 == name }) { return top.1 }
    guard let (layer, part) = LayerName.split(name, after: "blk."),
      let known = parts.first(where: { $0.gguf == part })
    else { return nil }
    return "model.layers.\(layer).\(known.transformers)"
  }

  /// llama.cpp's name of a module; nil where it has none.
  func gguf(_ name: String) -> String? {
    if let top = Self.tops.first(where: { $0.1 == name }) { return top.0 }
    guard let (layer, part) = LayerName.split(name, after: "model.layers."),
      let known = parts.first(where: { $0.transformers == part })
    else { return nil }
    return "blk.\(layer).\(known.gguf)"
  }
}
