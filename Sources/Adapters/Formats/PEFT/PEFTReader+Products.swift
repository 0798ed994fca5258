internal import Tensors

/// LoHa and LoKr, whose α and r are the configuration's.
extension PEFTReader {
  func loHa(
    _ parts: PEFTTensors.Parts, of module: TargetModule
  ) throws(AdapterError) -> [WeightUpdate] {
    guard let forms = try forms(parts, ProductForms.loHaParts, of: module) else { return [] }
    let rank = configuration.rank(of: module)
    let delta = try forms.loHa { found throws(AdapterError) in
      guard found == rank else {
        throw broken(
          "has factors of rank \(found) where its configuration says \(rank) for \(module)")
      }
      return configuration.scaling(of: module)
    }
    return [WeightUpdate(target: TargetParameter(module), change: .delta(delta))]
  }

  /// PEFT divides by r even where both matrices are whole, which LyCORIS does not.
  func loKr(
    _ parts: PEFTTensors.Parts, of module: TargetModule
  ) throws(AdapterError) -> [WeightUpdate] {
    guard let forms = try forms(parts, ProductForms.loKrParts, of: module) else { return [] }
    let delta = try forms.loKr { _ in configuration.scaling(of: module) }
    return [WeightUpdate(target: TargetParameter(module), change: .delta(delta))]
  }

  /// A module's tensors of a method; nil where it has none.
  private func forms(
    _ parts: PEFTTensors.Parts, _ known: Set<String>, of module: TargetModule
  ) throws(AdapterError) -> ProductForms? {
    let named = try named(parts, known)
    guard !named.isEmpty else { return nil }
    return ProductForms(
      parts: named,
      missing: {
        broken("has no \($0) for \(module), though it has other parts of its update")
      },
      misshapen: { misshapen($0, of: $1) })
  }
}
