internal import JSON

/// The `adapter_config.json` of a draft.
///
/// `r` and `lora_alpha` are the values that most modules have, and patterns name the others by their
/// whole paths, anchored and escaped: PEFT searches `^(.*\.)?(KEY)$`, in which a key that begins with
/// `^` matches that module alone.
struct PEFTConfigurationDraft {
  private let draft: AdapterDraft

  init(_ draft: AdapterDraft) { self.draft = draft }

  /// The document.
  var document: JSONValue {
    var document = draft.template ?? Self.defaults
    let ranks = draft.modules.map { ($0.target, $0.rank) }
    let alphas = draft.modules.map { ($0.target, alpha(of: $0)) }
    let commonRank = Self.mostCommon(ranks.map(\.1)) ?? 1
    let commonAlpha = Self.mostCommon(alphas.map(\.1)) ?? Double(commonRank)
    document.set("r", to: .integer(commonRank))
    document.set("lora_alpha", to: Self.number(commonAlpha))
    document.set("rank_pattern", to: Self.patterns(ranks, but: commonRank) { .integer($0) })
    document.set("alpha_pattern", to: Self.patterns(alphas, but: commonAlpha, Self.number))
    document.set("use_rslora", to: .bool(draft.isRankStabilised))
    document.set("use_dora", to: .bool(draft.modules.contains { $0.magnitude != nil }))
    document.set("fan_in_fan_out", to: .bool(draft.isFanInFanOut))
    document.set("inference_mode", to: true)
    if let base = draft.declaredBase {
      document.set("base_model_name_or_path", to: .string(base))
    }
    if let type = draft.taskType { document.set("task_type", to: .string(type)) }
    if draft.modules.contains(where: { $0.bias != nil }) { document.set("lora_bias", to: true) }
    // The template's own targets stay where they are still the modules that it was written for.
    if draft.templateTargets != Set(draft.modules.map(\.target)) { nameTargets(in: &document) }
    nameCarried(in: &document)
    return document
  }

  /// Names each module by its path, so that PEFT wraps those and no others.
  private func nameTargets(in document: inout JSONValue) {
    document.set(
      "target_modules",
      to: .array(draft.modules.map(\.target.path).sorted().map { .string($0) }))
    for key in ["exclude_modules", "layers_to_transform", "layers_pattern"]
    where document[key] != nil {
      document.set(key, to: .null)
    }
  }

  /// Names what is carried along and the template does not cover. PEFT compares the ends of paths.
  private func nameCarried(in document: inout JSONValue) {
    let adapted = Set(draft.modules.map(\.target))
    var saved = (document["modules_to_save"]?.elements ?? []).compactMap(\.string)
    var rows: [JSONValue.Member] = []
    for update in draft.carried {
      let path = update.target.module.path
      if case .rows(let indices, _) = update.change {
        rows.append(.init(path, .array(indices.map { .integer($0) })))
      } else if update.target.parameter == "weight", !adapted.contains(update.target.module),
        !saved.contains(where: path.hasSuffix)
      {
        saved.append(path)
      }
    }
    if !saved.isEmpty { document.set("modules_to_save", to: .array(saved.map { .string($0) })) }
    guard draft.template == nil else { return }
    if !rows.isEmpty { document.set("trainable_token_indices", to: .object(rows)) }
    let biased = draft.carried.filter { $0.target.parameter == "bias" }
    if !biased.isEmpty {
      let isInside = biased.allSatisfy { adapted.contains($0.target.module) }
      document.set("bias", to: isInside ? "lora_only" : "all")
    }
  }

  /// The alpha that gives the module's scaling at its rank.
  private func alpha(of module: ModuleDraft) -> Double {
    Scaling.alpha(
      of: module.scaling, rank: module.rank, isRankStabilised: draft.isRankStabilised)
  }

  /// The value that occurs most often, the first of equally frequent ones.
  private static func mostCommon<Value: Hashable>(_ values: [Value]) -> Value? {
    var counts: [Value: Int] = [:]
    for value in values { counts[value, default: 0] += 1 }
    let most = counts.values.max()
    return values.first { counts[$0] == most }
  }

  private static func patterns<Value: Equatable>(
    _ values: [(TargetModule, Value)], but common: Value, _ json: (Value) -> JSONValue
  ) -> JSONValue {
    .object(
      values.filter { $0.1 != common }.sorted { $0.0 < $1.0 }
        .map { .init("^" + escaped($0.0.path), json($0.1)) })
  }

  /// A path as a regular expression that matches it alone.
  private static func escaped(_ path: String) -> String {
    var text = ""
    for scalar in path.unicodeScalars {
      if scalar.isASCII, !ScalarClass.word.contains(scalar) { text += "\\" }
      text.unicodeScalars.append(scalar)
    }
    return text
  }

  /// Whole numbers without a fraction, as people write an alpha.
  private static func number(_ value: Double) -> JSONValue {
    Int(exactly: value).map { .integer($0) } ?? .number(value)
  }

  /// PEFT's settings of a LoRA, where nothing says another thing.
  static let defaults: JSONValue = [
    "peft_type": "LORA", "task_type": .null, "base_model_name_or_path": .null, "r": 8,
    "lora_alpha": 8, "lora_dropout": 0, "target_modules": [], "bias": "none",
    "modules_to_save": .null, "fan_in_fan_out": false, "use_rslora": false, "use_dora": false,
    "rank_pattern": [:], "alpha_pattern": [:], "init_lora_weights": true, "inference_mode": true,
  ]
}
