internal import Compute
internal import Tensors

extension TensorUpdate {
  /// Loads what a plan does to one tensor.
  ///
  /// `gains` are the magnitudes' factors, one list a contribution, as `MagnitudeFactors` measured
  /// them; contributions without magnitudes have none.
  init(
    _ tensor: PlannedTensor, magnitudes: [MagnitudeFactors?], options: MergeOptions,
    form: KernelForm
  ) throws(AdapterError) {
    var terms: [DeltaFactors.Term] = []
    var values: [Float]?
    var replacement: StoredTensor?
    var rows: (places: [Int: Int], stored: StoredTensor)?
    var deltaRounding: DType?
    for (contribution, magnitude) in zip(tensor.contributions, magnitudes) {
      switch contribution.update.change {
      case .replacement(let stored): replacement = stored
      case .rows(let indices, let stored):
        rows = (
          Dictionary(
            indices.enumerated().map { ($1, $0) }, uniquingKeysWith: { _, last in last }), stored
        )
      case .delta(.lowRank(let factors)), .magnitude(.lowRank(let factors), _):
        terms.append(
          .init(
            factors: factors, weight: contribution.weight,
            isTransposed: contribution.isTransposed,
            rowFactors: magnitude?.deltaFactors(weight: contribution.weight)))
        if options.rounding == .peft { deltaRounding = factors.roundingOfPEFT(base: tensor.dtype) }
      case .delta(.stored(let stored, let factor)), .magnitude(.stored(let stored, let factor), _):
        let share = Float(contribution.weight * factor)
        let added = try stored.floats(form: form).map { $0 * share }
        values = values.map { zip($0, added).map(+) } ?? added
      }
    }
    if terms.isEmpty {
      addition = values.map { .values($0) } ?? .none
    } else {
      let factors = try DeltaFactors(terms, form: form)
      addition = .product(FactorProduct(left: factors.left, right: factors.right, form: form))
    }
    gains = MagnitudeFactors.gains(of: tensor, magnitudes)
    self.replacement = replacement
    self.rows = rows
    self.deltaRounding = deltaRounding
  }
}

extension LowRank {
  /// The type PEFT rounds this delta to before it adds it, where that differs from one rounding:
  /// the adapter's own where that has 16 bits, the base's for embeddings (FORMATS §6).
  func roundingOfPEFT(base: DType) -> DType? {
    if layout == .transposed, base.bitWidth == 16 { return base }
    return a.dtype.bitWidth == 16 ? a.dtype : nil
  }
}
