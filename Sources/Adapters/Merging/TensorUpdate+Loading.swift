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
    var terms: [LoadedDelta.Term] = []
    var rotation: LoadedRotation?
    var hasGains = false
    var replacement: StoredTensor?
    var rows: (places: [Int: Int], stored: StoredTensor)?
    var deltaRounding: DType?
    for (contribution, magnitude) in zip(tensor.contributions, magnitudes) {
      switch contribution.update.change {
      case .gain: hasGains = true
      case .rotation(let own):
        rotation = try LoadedRotation(
          own, weight: contribution.weight, isTransposed: contribution.isTransposed, form: form)
      case .replacement(let stored): replacement = stored
      case .rows(let indices, let stored):
        rows = (
          Dictionary(
            indices.enumerated().map { ($1, $0) }, uniquingKeysWith: { _, last in last }), stored
        )
      case .delta(let delta), .magnitude(let delta, _):
        terms.append(
          .init(
            delta: delta, weight: contribution.weight, isTransposed: contribution.isTransposed,
            rowFactors: magnitude?.deltaFactors(weight: contribution.weight)))
        if options.rounding == .peft { deltaRounding = delta.roundingOfPEFT(base: tensor.dtype) }
      }
    }
    let (height, width) = tensor.matrix
    addition =
      terms.isEmpty && !hasGains
      ? .none : .delta(try LoadedDelta(terms, rows: height, columns: width, form: form))
    gains = try Gains(of: tensor, magnitudes, form: form)
    self.rotation = rotation
    self.replacement = replacement
    self.rows = rows
    self.deltaRounding = deltaRounding
  }
}

extension Delta {
  /// The type PEFT rounds this delta to before it adds it, where that differs from one rounding:
  /// the adapter's own where that has 16 bits, the base's for embeddings (FORMATS §6).
  func roundingOfPEFT(base: DType) -> DType? {
    guard let placement else { return nil }
    if placement.layout == .transposed, base.bitWidth == 16 { return base }
    return tensors.first.flatMap { $0.dtype.bitWidth == 16 ? $0.dtype : nil }
  }
}
