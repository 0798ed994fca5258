internal import Tensors

/// LoKr (arXiv 2309.14859): ΔW = α/r · W1 ⊗ W2, each whole or as two factors.
///
/// PEFT divides by r even where both are whole, which LyCORIS does not.
extension PEFTReader {
  func loKr(
    _ parts: PEFTTensors.Parts, of module: TargetModule
  ) throws(AdapterError) -> [WeightUpdate] {
    let named = try named(
      parts,
      [
        "lokr_w1", "lokr_w1_a", "lokr_w1_b", "lokr_w2", "lokr_w2_a", "lokr_w2_b", "lokr_t2",
      ])
    guard !named.isEmpty else { return [] }
    let (left, _) = try kroneckerFactor("1", named, of: module)
    let (right, extents) = try kroneckerFactor("2", named, of: module)
    let product = Kronecker(
      left: left, right: right, scaling: configuration.scaling(of: module),
      placement: Placement(
        extents: [left.rows * extents[0]]
          + [left.columns * extents[1]] + extents.dropFirst(2), mayFoldKernel: true))
    return [WeightUpdate(target: TargetParameter(module), change: .delta(.kronecker(product)))]
  }

  /// One of the two, with the extents `[out, in, k…]` that it has by itself.
  private func kroneckerFactor(
    _ number: String, _ named: [String: StoredTensor], of module: TargetModule
  ) throws(AdapterError) -> (Factor, extents: [Int]) {
    let name = "lokr_w\(number)"
    if let whole = named[name] {
      guard whole.shape.rank >= 2 else { throw misshapen([whole], of: "a matrix") }
      return (.stored(whole), whole.shape.extents)
    }
    let a = try part("\(name)_a", of: named, module)
    let b = try part("\(name)_b", of: named, module)
    if number == "2", let core = named["lokr_t2"] {
      let (left, right, kernel) = try tucker(core, a, b)
      return (.product(left, right), [a.shape.extents[1], b.shape.extents[1]] + kernel)
    }
    guard a.shape.rank == 2, b.shape.rank == 2, a.shape.extents[1] == b.shape.extents[0] else {
      throw misshapen([a, b], of: "two factors")
    }
    // A convolution's kernel is part of b's columns; the weight it is for says which.
    return (.product(.stored(a), .stored(b)), [a.shape.extents[0], b.shape.extents[1]])
  }
}
