internal import JSON

/// The method, as users call it.
extension PEFTConfiguration {
  /// The method that a configuration and the parts of its modules make together: LoRA's variants
  /// share one `peft_type`, and some of them show in their tensors alone.
  func method(of tensors: PEFTTensors) -> AdapterMethod {
    switch type {
    case .trainableTokens: return .trainableTokens
    case .adaLoRA: return .adalora
    case .loHa: return .loha
    case .loKr: return .lokr
    case .layerNorm: return .lnTuning
    case .vera: return .vera
    case .ia3: return .ia3
    case .oft: return .oft
    case .boft: return .boft
    case .lora: break
    }
    if let name = baseChangingInitialisation {
      return AdapterMethod(rawValue: name.replacingUnderscores) ?? .lora
    }
    if fields.isSet("use_mora") { return .mora }
    if fields.isSet("enable_lora") { return .mergedLinear }
    if fields.isSet("use_qalora") { return .qalora }
    if fields.isSet("use_bdlora") { return .bdlora }
    if tensors.has(.named(PEFTTensors.latentMapping)) { return .loraXS }
    if hasMagnitudes { return .dora }
    return isRankStabilised ? .rslora : .lora
  }
}

extension PEFTConfiguration {
  /// The initialisation that took a part out of the base before training, without its settings:
  /// `pissa` for `pissa_niter_16`. Nil for those that leave the base as it is.
  var baseChangingInitialisation: String? {
    guard type == .lora, let name = fields.value("init_lora_weights")?.string?.lowercased() else {
      return nil
    }
    return ["pissa", "olora", "corda", "lora_ga"].first(where: name.hasPrefix)
  }
}

extension String {
  fileprivate var replacingUnderscores: String { String(map { $0 == "_" ? "-" : $0 }) }
}
