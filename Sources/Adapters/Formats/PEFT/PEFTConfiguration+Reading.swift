internal import JSON

extension PEFTConfiguration {
  /// Reads a configuration of a method that is supported; absent keys and nulls mean PEFT's
  /// defaults, and keys that nobody knows become notes.
  init(reading file: AdapterFiles.Configuration) throws(AdapterError) {
    let fields = ConfigurationFields(file)
    guard let name = try fields.string("peft_type") else {
      throw fields.malformed("has no peft_type, so that it is not one of PEFT's")
    }
    guard let type = PEFTType(rawValue: name.uppercased()) else {
      throw fields.malformed("has peft_type \(name.prefix(40)), which this version does not know")
    }
    self.type = type
    self.fields = fields
    rank = try type.hasRank ? fields.rank("r") ?? 8 : 8
    let alphaKey = type == .loHa || type == .loKr ? "alpha" : "lora_alpha"
    alpha = try fields.finite(alphaKey) ?? 8
    // AdaLoRA keeps the masks of its pruning under the same name.
    rankPatterns =
      type.hasRank
      ? try fields.patterns("rank_pattern") { value, key throws(AdapterError) in
        try fields.rank(value, key)
      }.map { ($0.pattern, $0.value) } : []
    alphaPatterns =
      type.hasRank
      ? try fields.patterns("alpha_pattern") { value, key throws(AdapterError) in
        try fields.alpha(value, key)
      }.map { ($0.pattern, $0.value) } : []
    isRankStabilised = type == .lora ? try fields.flag("use_rslora") : false
    hasMagnitudes = type == .lora ? try fields.flag("use_dora") : false
    isFanInFanOut = try fields.flag("fan_in_fan_out")
    tiesEmbeddings = try fields.flag("ensure_weight_tying")
    wholeModules = try fields.strings("modules_to_save")
    declaredBase = try fields.string("base_model_name_or_path")
    tokens = try fields.tokenRows(
      type == .trainableTokens ? "token_indices" : "trainable_token_indices")
    notes = Self.notes(
      fields,
      alpha: alpha,
      hasPatterns: !rankPatterns.isEmpty && !alphaPatterns.isEmpty
    )
  }

  private static func notes(
    _ fields: ConfigurationFields,
    alpha: Double,
    hasPatterns: Bool
  ) -> [String] {
    var notes: [String] = []
    let unknown = fields.keys.filter { !knownKeys.contains($0) }
    if !unknown.isEmpty {
      notes.append(
        "The configuration has keys that this version does not know and does not use: "
          + unknown.prefix(8).joined(separator: ", ") + (unknown.count > 8 ? ", …" : "") + "."
      )
    }
    if hasPatterns, fields.value("peft_version") == nil {
      notes.append(
        "Rank and alpha patterns are matched independently, as PEFT does since 0.14; the "
          + "configuration does not say which version wrote it."
      )
    }
    if fields.value("megatron_config") != nil {
      notes.append(
        "The adapter was trained on Megatron layers; it is read as one from a single rank."
      )
    }
    if alpha <= 0 {
      notes.append("lora_alpha is \(alpha), so that the update is zero or has its sign turned.")
    }
    return notes
  }

  /// Every key that PEFT has written, up to 0.21; those that change the result are read above or
  /// refused by a `ForeignLayout`.
  private static let knownKeys: Set<String> = [
    "alora_invocation_tokens", "alpha", "alpha_pattern", "arrow_config", "auto_mapping",
    "base_model_name_or_path", "bias", "corda_config", "enable_lora", "ensure_weight_tying",
    "eva_config", "exclude_modules", "fan_in_fan_out", "inference_mode", "init_lora_weights",
    "init_weights", "kasa_config", "layer_replication", "layers_pattern", "layers_to_transform",
    "loftq_config", "lora_alpha", "lora_bias", "lora_dropout", "lora_ga_config",
    "megatron_config", "megatron_core", "merge_weights", "modules_to_save", "monteclora_config",
    "mora_type", "peft_type", "peft_version", "qalora_group_size", "r", "rank_pattern", "revision",
    "runtime_config", "target_modules", "target_parameters", "task_type", "token_indices",
    "trainable_token_indices", "use_bdlora", "use_dora", "use_mora", "use_qalora", "use_rslora",
    "velora_config",
    // AdaLoRA's schedule, which its pruned tensors make good.
    "beta1", "beta2", "deltaT", "init_r", "orth_reg_weight", "target_r", "tfinal", "tinit",
    "total_step",
    // Of LoHa and LoKr: what their tensors' shapes say by themselves, or training alone needs.
    "decompose_both", "decompose_factor", "module_dropout", "rank_dropout", "rank_dropout_scale",
    "use_effective_conv2d",
    // VeRA's, which training alone needs or the tensors settle.
    "d_initial", "projection_prng_key", "save_projection", "vera_dropout",
    // Of (IA)³, OFT and BOFT: those without effect on the merge, which shapes or defaults settle.
    "block_share", "boft_block_num", "boft_block_size", "boft_dropout", "boft_n_butterfly_factor",
    "coft", "eps", "feedforward_modules", "init_ia3_weights", "num_cayley_neumann_terms",
    "oft_block_size", "use_cayley_neumann",
  ]
}

extension PEFTType {
  /// Whether `r`, `alpha` and their patterns are those of modules.
  fileprivate var hasRank: Bool { [.lora, .loHa, .loKr].contains(self) }
}
