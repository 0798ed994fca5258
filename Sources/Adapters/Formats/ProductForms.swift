internal import Tensors

/// The tensors of one module of LoHa or LoKr as a delta, for every layout that names them alike
/// (`hada_w1_a`, `lokr_w2_b`).
struct ProductForms {
  /// The tensors by their parts' names.
  let parts: [String: StoredTensor]
  /// The error for a part that is missing.
  let missing: (String) -> AdapterError
  /// The error for tensors whose shapes contradict one another; the text says what they are not.
  let misshapen: ([StoredTensor], String) -> AdapterError

  /// The names of LoHa's tensors.
  static let loHaParts: Set<String> = [
    "hada_w1_a", "hada_w1_b", "hada_w2_a", "hada_w2_b", "hada_t1", "hada_t2",
  ]
  /// The names of LoKr's tensors.
  static let loKrParts: Set<String> = [
    "lokr_w1", "lokr_w1_a", "lokr_w1_b", "lokr_w2", "lokr_w2_a", "lokr_w2_b", "lokr_t2",
  ]

  /// LoHa (arXiv 2108.06098): ΔW = scaling · (W1a · W1b) ∘ (W2a · W2b). `scaling` is told the rank.
  func loHa(
    scaling: (Int) throws(AdapterError) -> Scaling
  ) throws(AdapterError) -> Delta {
    let one = try hadamardFactor("1", scaling)
    let other = try hadamardFactor("2") { _ in .one }
    guard one.placement == other.placement else {
      throw misshapen(parts.values.sorted { $0.name < $1.name }, "the factors of one update")
    }
    return .hadamard(one, other)
  }

  /// One of the two products: `[out, r]·[r, in·k]`, or with a core `[r, r, k…]` the Tucker form
  /// Σ t[i, j, k]·a[i, out]·b[j, in].
  private func hadamardFactor(
    _ number: String, _ scaling: (Int) throws(AdapterError) -> Scaling
  ) throws(AdapterError) -> LowRank {
    let a = try part("hada_w\(number)_a")
    let b = try part("hada_w\(number)_b")
    guard let core = parts["hada_t\(number)"] else {
      guard a.shape.rank == 2, b.shape.rank == 2, a.shape.extents[1] == b.shape.extents[0],
        b.shape.extents[0] > 0
      else { throw misshapen([a, b], "two factors") }
      return LowRank(
        a: .stored(b), b: .stored(a), scaling: try scaling(b.shape.extents[0]),
        placement: Placement(
          extents: [a.shape.extents[0], b.shape.extents[1]], mayFoldKernel: true))
    }
    let (left, right, kernel) = try tucker(core, a, b)
    return LowRank(
      a: right, b: left, scaling: try scaling(right.rows),
      placement: Placement(
        extents: [a.shape.extents[1], b.shape.extents[1]] + kernel, mayFoldKernel: true))
  }

  /// LoKr (arXiv 2309.14859): ΔW = scaling · W1 ⊗ W2, each whole or as two factors. `scaling` is told
  /// the rank, or nil where both are whole.
  func loKr(
    scaling: (Int?) throws(AdapterError) -> Scaling
  ) throws(AdapterError) -> Delta {
    let (left, _) = try kroneckerFactor("1")
    let (right, extents) = try kroneckerFactor("2")
    let rank = (parts["lokr_w1_b"] ?? parts["lokr_w2_b"])?.shape.extents.first
    return .kronecker(
      Kronecker(
        left: left, right: right, scaling: try scaling(rank),
        placement: Placement(
          extents: [left.rows * extents[0]]
            + [left.columns * extents[1]] + extents.dropFirst(2), mayFoldKernel: true)))
  }

  /// One of the two, with the extents `[out, in, k…]` that it has by itself.
  private func kroneckerFactor(
    _ number: String
  ) throws(AdapterError) -> (Factor, extents: [Int]) {
    let name = "lokr_w\(number)"
    if let whole = parts[name] {
      guard whole.shape.rank >= 2 else { throw misshapen([whole], "a matrix") }
      return (.stored(whole), whole.shape.extents)
    }
    let a = try part("\(name)_a")
    let b = try part("\(name)_b")
    if number == "2", let core = parts["lokr_t2"] {
      let (left, right, kernel) = try tucker(core, a, b)
      return (.product(left, right), [a.shape.extents[1], b.shape.extents[1]] + kernel)
    }
    guard a.shape.rank == 2, b.shape.rank == 2, a.shape.extents[1] == b.shape.extents[0],
      b.shape.extents[0] > 0
    else { throw misshapen([a, b], "two factors") }
    // A convolution's kernel is part of b's columns; the weight it is for says which.
    return (.product(.stored(a), .stored(b)), [a.shape.extents[0], b.shape.extents[1]])
  }

  /// The two factors of a Tucker decomposition: `[out, i]` and `[i, in · k…]`, with the kernel's
  /// extents.
  private func tucker(
    _ core: StoredTensor, _ a: StoredTensor, _ b: StoredTensor
  ) throws(AdapterError) -> (left: Factor, right: Factor, kernel: [Int]) {
    guard core.shape.rank > 2, a.shape.rank == 2, b.shape.rank == 2,
      core.shape.extents[0] == a.shape.extents[0], core.shape.extents[1] == b.shape.extents[0],
      a.shape.extents[0] > 0, b.shape.extents[0] > 0
    else { throw misshapen([core, a, b], "a core and its two factors") }
    return (
      Factor.stored(a).transposed, .modeProduct(core: core, .stored(b)),
      Array(core.shape.extents.dropFirst(2))
    )
  }

  private func part(_ name: String) throws(AdapterError) -> StoredTensor {
    guard let tensor = parts[name] else { throw missing(name) }
    return tensor
  }
}
