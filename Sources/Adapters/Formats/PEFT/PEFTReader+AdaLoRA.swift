internal import Tensors

/// AdaLoRA (arXiv 2303.10512): ΔW = a/(init_r + 10⁻⁵) · B · diag(E) · A.
extension PEFTReader {
  /// The divisor stays `init_r`, however much was pruned: PEFT does not save the count it divides
  /// by in training, and falls back to the first one when an adapter is loaded.
  func adaLoRA(
    _ parts: PEFTTensors.Parts, of module: TargetModule
  ) throws(AdapterError) -> [WeightUpdate] {
    let named = try named(parts, ["lora_A", "lora_B", "lora_E"])
    guard !named.isEmpty else { return [] }
    let a = try part("lora_A", of: named, module)
    let b = try part("lora_B", of: named, module)
    let e = try part("lora_E", of: named, module)
    let rank = a.shape.extents.first ?? 0
    guard a.shape.rank == 2, b.shape.rank == 2, b.shape.extents[1] == rank,
      e.shape.extents == [rank, 1] || e.shape.extents == [rank]
    else { throw misshapen([a, b, e], of: "the factors of one update") }
    let initialRank = try configuration.fields.rank("init_r") ?? 12
    let alpha = try configuration.fields.finite("lora_alpha") ?? 8
    let factors = LowRank(
      a: Factor.stored(a).scalingRows(by: e), b: .stored(b),
      scaling: Scaling(
        alpha: alpha > 0 ? alpha : Double(initialRank), divisor: Double(initialRank) + 1e-5),
      placement: Placement(
        extents: [b.shape.extents[0], a.shape.extents[1]],
        isFanInFanOut: configuration.isFanInFanOut))
    return [WeightUpdate(target: TargetParameter(module), change: .delta(.lowRank(factors)))]
  }
}
