internal import Tensors

/// What a tensor's name in a PEFT file says: which module it is for, and which part of it.
struct PEFTKey {
  /// The part a tensor plays.
  enum Part: Hashable {
    /// `lora_A.weight`
    case a
    /// `lora_B.weight`
    case b
    /// `lora_B.bias`
    case bias
    /// `lora_embedding_A`
    case embeddingA
    /// `lora_embedding_B`
    case embeddingB
    /// `lora_magnitude_vector`
    case magnitude
    /// `token_adapter.trainable_tokens_delta`
    case tokens
    /// A tensor of a method other than LoRA, or of one of LoRA's variants, by its marker:
    /// `lora_E`, `hada_w1_a`, `ia3_l`.
    case named(String)
    /// LoRA-XS's R, whose marker is joined to what stands before it: that is the module's own name,
    /// or an adapter's.
    case latentMapping(joinedTo: String)
    /// A parameter given whole, by its plain name or under `base_layer`.
    case whole(String)
    /// The same, under `modules_to_save`, beside which the plain name may stand too.
    case savedModule(String)
    /// A tensor without effect on the merged weights, with the reason.
    case ignored(String)
    /// `lora_A.weight` or `lora_B.weight` below so many `base_layer`: a factor of one of several
    /// parameters of a module.
    case nested(Int, isA: Bool)
    /// Something this reader has no rule for.
    case unknown
  }

  /// The module, without PEFT's prefixes and wrappers.
  let module: TargetModule
  /// The part.
  let part: Part
  /// Whether it is on `base_layer.out_proj`, the half of an `nn.MultiheadAttention` that PEFT applies
  /// twice.
  let isAttentionOutput: Bool
  /// The adapter's name, which raw state dictionaries have behind the marker.
  let adapter: Substring?

  /// Takes a name apart; `adapters` are the names that adapters are known by.
  init(_ name: TensorName, adapters: Set<Substring> = ["default"]) {
    var segments = Self.unwrapped(name.text.split(separator: ".", omittingEmptySubsequences: false))
    guard let place = segments.firstIndex(where: Self.isMarker) else {
      (module, part) = Self.plain(segments, adapters: adapters)
      adapter = nil
      isAttentionOutput = false
      return
    }
    let marker = segments[place]
    var rest = segments[(place + 1)...]
    segments.removeSubrange(place...)
    var adapter: Substring?
    if let first = rest.first, !["weight", "bias"].contains(first) {
      adapter = first
      rest = rest.dropFirst()
    }
    self.adapter = adapter
    isAttentionOutput = segments.count >= 2 && segments.suffix(2) == ["base_layer", "out_proj"]
    let end = rest.joined(separator: ".")
    switch (marker, end) {
    case ("lora_A", "weight") where segments.last == "base_layer",
      ("lora_B", "weight") where segments.last == "base_layer":
      part = .nested(
        segments.reversed().prefix { $0 == "base_layer" }.count, isA: marker == "lora_A")
    case (_, _) where segments.last == "base_layer": part = .unknown
    case ("lora_A", "weight"): part = .a
    case ("lora_B", "weight"): part = .b
    case ("lora_B", "bias"): part = .bias
    case ("lora_embedding_A", ""), ("lora_embedding_A", "weight"): part = .embeddingA
    case ("lora_embedding_B", ""), ("lora_embedding_B", "weight"): part = .embeddingB
    case ("lora_magnitude_vector", ""), ("lora_magnitude_vector", "weight"): part = .magnitude
    case ("trainable_tokens_delta", ""): part = .tokens
    case ("ln_tuning_layers", "weight"), ("ln_tuning_layers", "bias"): part = .whole(end)
    case ("lora_A", ""), ("lora_B", ""), ("lora_E", ""), ("lora_diag", ""), ("lora_diag", "weight"),
      ("oft_R", "weight"), ("oft_embedding_R", "weight"):
      part = .named(String(marker))
    case (_, "") where Self.bareMarkers.contains(where: marker.hasPrefix):
      part = .named(String(marker))
    case ("lora_latent_mapping", "weight"): part = .latentMapping(joinedTo: "")
    case (_, "weight") where marker.hasSuffix(Self.latentEnding):
      part = .latentMapping(joinedTo: String(marker.dropLast(Self.latentEnding.count)))
    case ("lora_velora_embed", _): part = .ignored("VeLoRA's embeddings, used in training only")
    case ("lora_monteclora_sampler", _):
      part = .ignored("MonteCLoRA's sampler, used in training only")
    case ("trainable_tokens_original", _):
      part = .ignored("copies of the base's rows")
    default: part = .unknown
    }
    module = Self.module(segments)
  }

  private static func isMarker(_ segment: Substring) -> Bool {
    segment.hasPrefix("lora_") || segment.hasPrefix("trainable_tokens_")
      || segment.hasPrefix("ln_tuning_layers") || segment.hasPrefix("oft_")
      || bareMarkers.contains(where: segment.hasPrefix) || segment.hasSuffix(latentEnding)
  }

  /// The beginnings of markers behind which no `weight` stands.
  private static let bareMarkers = ["vera_", "hada_", "lokr_", "ia3_l", "boft_"]
  private static let latentEnding = "_lora_latent_mapping"

  /// The segments without the prefixes that PEFT and the wrappers of training put before them.
  private static func unwrapped(_ segments: [Substring]) -> [Substring] {
    let wrappers = ["_orig_mod", "_fsdp_wrapped_module", "_checkpoint_wrapped_module"]
    var rest = segments.filter { !wrappers.contains(String($0)) }[...]
    while rest.count > 1 {
      if rest.starts(with: ["base_model", "model"]), rest.count > 2 {
        rest = rest.dropFirst(2)
      } else if rest.first == "base_model" || rest.first == "module" {
        rest = rest.dropFirst()
      } else {
        break
      }
    }
    return Array(rest)
  }

  private static func module(_ segments: some Sequence<Substring>) -> TargetModule {
    TargetModule(
      segments.filter { $0 != "base_layer" && $0 != "token_adapter" }.joined(separator: ".")
    )
  }

  /// The meaning of a name without a marker: a parameter given whole.
  private static func plain(
    _ segments: [Substring],
    adapters: Set<Substring>
  ) -> (TargetModule, Part) {
    var path = segments.dropLast()
    let parameter = String(segments.last ?? "")
    if parameter.isEmpty { return (TargetModule(""), .unknown) }
    if path.contains("original_module") {
      return (module(path), .ignored("untrained copies of modules that the adapter brings whole"))
    }
    if let place = path.firstIndex(of: "modules_to_save") {
      path.remove(at: place)
      if place < path.endIndex, adapters.contains(path[place]) { path.remove(at: place) }
      return (module(path), .savedModule(parameter))
    }
    if segments.contains(where: { $0.hasPrefix("prompt_embeddings") }) {
      return (module(path), .unknown)
    }
    return (module(path), .whole(parameter))
  }
}
