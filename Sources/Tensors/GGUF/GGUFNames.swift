/// The names of modules in llama.cpp's files and in transformers, for one architecture, and how the
/// weights of the two lie to one another.
///
/// Source: llama.cpp, gguf-py/gguf/tensor_mapping.py and the models' classes in
/// convert_hf_to_gguf.py.
public struct GGUFNames: Sendable {
  /// llama.cpp's name of the architecture.
  public let architecture: String
  /// transformers' name of it (`model_type`).
  public let modelType: String
  /// Whether the rows of queries and keys are in Meta's order (`undo_permute`).
  public let permutesHeads: Bool
  /// Whether the matrices of layers are `[out, in]` in the one and `[in, out]` in the other.
  let turnsMatrices: Bool
  /// Whether norms are stored with 1 added to them.
  let shiftsNorms: Bool
  /// What a layer's number follows in transformers' names.
  private let layers: String
  private let tops: [Pair]
  private let parts: [Pair]
  /// Stacks of experts; `#` in transformers' name is the expert's number.
  private let stacks: [Pair]

  private typealias Pair = (gguf: String, transformers: String)

  /// The names of an architecture; nil for one that is not known here. `hasExperts` tells the model
  /// types apart that share an architecture.
  public init?(architecture: String, hasExperts: Bool = false) {
    var parts = Self.norms + Self.attention
    var (modelType, stacks): (String, [Pair]) = (architecture, [])
    switch architecture {
    case "llama" where hasExperts:
      (modelType, stacks) = ("mixtral", Self.mixtral)
      parts.append(("ffn_gate_inp", "block_sparse_moe.gate"))
    case "llama", "qwen2", "gemma": parts += Self.feedForward
    case "qwen3": parts += Self.feedForward + Self.headNorms
    case "qwen2moe":
      (modelType, stacks) = ("qwen2_moe", Self.experts)
      parts += Self.shared
    case "qwen3moe":
      (modelType, stacks) = ("qwen3_moe", Self.experts)
      parts += Self.headNorms + [("ffn_gate_inp", "mlp.gate")]
    case "gemma2": parts = Self.fourNorms + Self.attention + Self.feedForward
    case "gemma3":
      modelType = "gemma3_text"
      parts = Self.fourNorms + Self.attention + Self.feedForward + Self.headNorms
    case "phi3": parts = Self.norms + Self.fused
    case "gpt2": parts = Self.gpt2
    default: return nil
    }
    self.architecture = architecture
    self.modelType = modelType
    self.parts = parts
    self.stacks = stacks
    permutesHeads = architecture == "llama"
    turnsMatrices = architecture == "gpt2"
    shiftsNorms = architecture.hasPrefix("gemma")
    (layers, tops) =
      architecture == "gpt2" ? ("transformer.h.", Self.gpt2Tops) : ("model.layers.", Self.tops)
  }

  /// The names for a base's model type, as transformers' configurations have it; nil where its
  /// architecture is not known here.
  public init?(modelType: String) {
    switch modelType {
    case "mistral": self.init(architecture: "llama")
    case "gemma3_text": self.init(architecture: "gemma3")
    default: self.init(architecture: modelType)
    }
  }

  /// The architectures known here, for hints.
  public static let known = "llama, mistral, qwen2, qwen3, gemma, gemma2, gemma3 and phi3"
  /// The architectures whose models are read, for hints.
  static let knownModels = known + ", mixtral, qwen2moe, qwen3moe and gpt2"

  /// Whether llama.cpp has adapters for it whose factors lie as those of transformers do.
  public var hasAdapters: Bool { stacks.isEmpty && !turnsMatrices }

  /// transformers' name of a module; nil where the architecture has no such module.
  public func transformers(_ name: String) -> String? {
    if let top = tops.first(where: { $0.gguf == name }) { return top.transformers }
    guard let (layer, part) = LayerName.split(name, after: "blk."),
      let known = parts.first(where: { $0.gguf == part })
    else { return nil }
    return "\(layers)\(layer).\(known.transformers)"
  }

  /// llama.cpp's name of a module; nil where it has none.
  public func gguf(_ name: String) -> String? {
    if let top = tops.first(where: { $0.transformers == name }) { return top.gguf }
    guard let (layer, part) = LayerName.split(name, after: layers),
      let known = parts.first(where: { $0.transformers == part })
    else { return nil }
    return "blk.\(layer).\(known.gguf)"
  }

  /// transformers' names of the modules of so many experts that a stack holds; nil where the module
  /// is no stack.
  func experts(_ name: String, count: Int) -> [String]? {
    guard let (layer, part) = LayerName.split(name, after: "blk."),
      let known = stacks.first(where: { $0.gguf == part }),
      let mark = known.transformers.firstIndex(of: "#")
    else { return nil }
    let (before, after) = (
      known.transformers[..<mark], known.transformers[known.transformers.index(after: mark)...]
    )
    return (0..<count).map { "\(layers)\(layer).\(before)\($0)\(after)" }
  }

  private static let tops: [Pair] = [
    ("output", "lm_head"), ("token_embd", "model.embed_tokens"), ("output_norm", "model.norm"),
  ]
  private static let gpt2Tops: [Pair] = [
    ("output", "lm_head"), ("token_embd", "transformer.wte"), ("position_embd", "transformer.wpe"),
    ("output_norm", "transformer.ln_f"),
  ]
  private static let attention: [Pair] = [
    ("attn_q", "self_attn.q_proj"), ("attn_k", "self_attn.k_proj"), ("attn_v", "self_attn.v_proj"),
    ("attn_output", "self_attn.o_proj"),
  ]
  private static let feedForward: [Pair] = [
    ("ffn_gate", "mlp.gate_proj"), ("ffn_up", "mlp.up_proj"), ("ffn_down", "mlp.down_proj"),
  ]
  private static let fused: [Pair] = [
    ("attn_qkv", "self_attn.qkv_proj"), ("attn_output", "self_attn.o_proj"),
    ("ffn_up", "mlp.gate_up_proj"), ("ffn_down", "mlp.down_proj"),
  ]
  private static let gpt2: [Pair] = [
    ("attn_norm", "ln_1"), ("attn_qkv", "attn.c_attn"), ("attn_output", "attn.c_proj"),
    ("ffn_norm", "ln_2"), ("ffn_up", "mlp.c_fc"), ("ffn_down", "mlp.c_proj"),
  ]
  private static let norms: [Pair] = [
    ("attn_norm", "input_layernorm"), ("ffn_norm", "post_attention_layernorm"),
  ]
  private static let headNorms: [Pair] = [
    ("attn_q_norm", "self_attn.q_norm"), ("attn_k_norm", "self_attn.k_norm"),
  ]
  private static let fourNorms: [Pair] = [
    ("attn_norm", "input_layernorm"), ("post_attention_norm", "post_attention_layernorm"),
    ("ffn_norm", "pre_feedforward_layernorm"), ("post_ffw_norm", "post_feedforward_layernorm"),
  ]
  private static let experts: [Pair] = [
    ("ffn_gate_exps", "mlp.experts.#.gate_proj"), ("ffn_up_exps", "mlp.experts.#.up_proj"),
    ("ffn_down_exps", "mlp.experts.#.down_proj"),
  ]
  private static let mixtral: [Pair] = [
    ("ffn_gate_exps", "block_sparse_moe.experts.#.w1"),
    ("ffn_up_exps", "block_sparse_moe.experts.#.w3"),
    ("ffn_down_exps", "block_sparse_moe.experts.#.w2"),
  ]
  private static let shared: [Pair] = [
    ("ffn_gate_inp", "mlp.gate"), ("ffn_gate_inp_shexp", "mlp.shared_expert_gate"),
    ("ffn_gate_shexp", "mlp.shared_expert.gate_proj"),
    ("ffn_up_shexp", "mlp.shared_expert.up_proj"),
    ("ffn_down_shexp", "mlp.shared_expert.down_proj"),
  ]
}

/// The name of a part of a numbered layer.
public enum LayerName {
  /// The layer's number and what stands behind it; nil where the name is none of a layer.
  public static func split(_ name: String, after prefix: String) -> (layer: Int, part: String)? {
    guard name.hasPrefix(prefix) else { return nil }
    let rest = name.dropFirst(prefix.count)
    guard let dot = rest.firstIndex(of: "."), let layer = Int(rest[..<dot]), layer >= 0,
      rest[..<dot] == String(layer)
    else { return nil }
    return (layer, String(rest[rest.index(after: dot)...]))
  }
}
