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
    case .lora: break
    }
    if tensors.has(.named(PEFTTensors.latentMapping)) { return .loraXS }
    if hasMagnitudes { return .dora }
    return isRankStabilised ? .rslora : .lora
  }
}
