internal import Compute
internal import Tensors

extension TensorUpdate {
  /// Loads what was done to a merged tensor, DoRA's factors from the residual: they cannot be
  /// computed from merged weights, whose rows have the trained magnitudes for every base.
  init(
    unmerging tensor: PlannedTensor, residual: ResidualFileReader?,
    rounding: MergeOptions.Rounding, form: KernelForm
  ) throws(AdapterError) {
    var magnitudes: [MagnitudeFactors?] = Array(repeating: nil, count: tensor.contributions.count)
    if tensor.hasMagnitudes {
      let counts = tensor.contributions.map { contribution in
        guard case .magnitude(_, let stored) = contribution.update.change else { return 0 }
        return stored.shape.elementCount
      }
      let total = counts.reduce(0, +)
      guard let residual else { throw .magnitudesNeedResidual(tensor.name) }
      let all = try residual.magnitudes(of: tensor.name, count: total)
      var start = 0
      for (position, count) in counts.enumerated() where count > 0 {
        magnitudes[position] = MagnitudeFactors(factors: Array(all[start..<start + count]))
        start += count
      }
    }
    var options = MergeOptions()
    options.rounding = rounding
    try self.init(tensor, magnitudes: magnitudes, options: options, form: form)
  }
}
