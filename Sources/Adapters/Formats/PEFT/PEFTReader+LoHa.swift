internal import Tensors

/// LoHa (arXiv 2108.06098): ΔW = α/r · (W1a · W1b) ∘ (W2a · W2b).
extension PEFTReader {
  func loHa(
    _ parts: PEFTTensors.Parts, of module: TargetModule
  ) throws(AdapterError) -> [WeightUpdate] {
    let named = try named(
      parts, ["hada_w1_a", "hada_w1_b", "hada_w2_a", "hada_w2_b", "hada_t1", "hada_t2"])
    guard !named.isEmpty else { return [] }
    let scaling = configuration.scaling(of: module)
    let one = try hadamardFactor("1", named, scaling, of: module)
    let other = try hadamardFactor("2", named, .one, of: module)
    guard one.placement == other.placement else {
      throw misshapen(
        named.values.sorted { $0.name < $1.name }, of: "the factors of one update")
    }
    let rank = configuration.rank(of: module)
    guard one.rank == rank else {
      throw broken(
        "has factors of rank \(one.rank) where its configuration says \(rank) for \(module)")
    }
    return [WeightUpdate(target: TargetParameter(module), change: .delta(.hadamard(one, other)))]
  }

  /// One of the two products: `[out, r]·[r, in·k]`, or with a core `[r, r, k…]` the Tucker form
  /// Σ t[i, j, k]·a[i, out]·b[j, in].
  private func hadamardFactor(
    _ number: String, _ named: [String: StoredTensor], _ scaling: Scaling, of module: TargetModule
  ) throws(AdapterError) -> LowRank {
    let a = try part("hada_w\(number)_a", of: named, module)
    let b = try part("hada_w\(number)_b", of: named, module)
    guard let core = named["hada_t\(number)"] else {
      guard a.shape.rank == 2, b.shape.rank == 2, a.shape.extents[1] == b.shape.extents[0] else {
        throw misshapen([a, b], of: "two factors")
      }
      return LowRank(
        a: .stored(b), b: .stored(a), scaling: scaling,
        placement: Placement(
          extents: [a.shape.extents[0], b.shape.extents[1]], mayFoldKernel: true))
    }
    let (left, right, kernel) = try tucker(core, a, b)
    return LowRank(
      a: right, b: left, scaling: scaling,
      placement: Placement(
        extents: [a.shape.extents[1], b.shape.extents[1]] + kernel, mayFoldKernel: true))
  }

  /// The two factors of a Tucker decomposition: `[out, i]` and `[i, in · k…]`, with the kernel's
  /// extents.
  func tucker(
    _ core: StoredTensor, _ a: StoredTensor, _ b: StoredTensor
  ) throws(AdapterError) -> (left: Factor, right: Factor, kernel: [Int]) {
    guard core.shape.rank > 2, a.shape.rank == 2, b.shape.rank == 2,
      core.shape.extents[0] == a.shape.extents[0], core.shape.extents[1] == b.shape.extents[0]
    else { throw misshapen([core, a, b], of: "a core and its two factors") }
    return (
      Factor.stored(a).transposed, .modeProduct(core: core, .stored(b)),
      Array(core.shape.extents.dropFirst(2))
    )
  }
}
