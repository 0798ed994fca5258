internal import Compute
internal import Tensors

extension TensorUpdate.Gains {
  /// What the base is multiplied by: 1 + Σ wₜ·(gₜ − 1), where gₜ are an update's own factors, or
  /// DoRA's as they were measured; nil where no contribution has any.
  ///
  /// The planner has made sure that all of them are of rows, or all of columns.
  init?(
    of tensor: PlannedTensor, _ magnitudes: [MagnitudeFactors?], form: KernelForm
  ) throws(AdapterError) {
    var sums: [Double]?
    var isPerColumn = false
    for (contribution, magnitude) in zip(tensor.contributions, magnitudes) {
      let factors: [Float]
      if let magnitude {
        factors = magnitude.factors
      } else if case .gain(let gain) = contribution.update.change {
        factors = try gain.factors(
          for: tensor, isTransposed: contribution.isTransposed, form: form)
      } else {
        continue
      }
      isPerColumn = contribution.hasColumnGains
      let shares = factors.map { contribution.weight * (Double($0) - 1) }
      sums = sums.map { zip($0, shares).map(+) } ?? shares
    }
    guard let sums else { return nil }
    self.init(isPerColumn: isPerColumn, factors: sums.map { Float(1 + $0) })
  }
}

extension AxisGain {
  /// One factor a row or column of the tensor as a matrix: an input channel of a convolution has as
  /// many columns as its kernel has elements.
  fileprivate func factors(
    for tensor: PlannedTensor, isTransposed: Bool, form: KernelForm
  ) throws(AdapterError) -> [Float] {
    let values = try vector.floats(form: form)
    guard side == .inputs, !isTransposed, !values.isEmpty else { return values }
    let repeats = tensor.shape.matrix.columns / values.count
    return repeats == 1 ? values : values.flatMap { repeatElement($0, count: repeats) }
  }
}

extension PlannedTensor.Contribution {
  /// Whether the base is multiplied by factors of its own for this update.
  var hasGains: Bool {
    switch update.change {
    case .magnitude, .gain: return true
    case .delta, .rotation, .replacement, .rows: return false
    }
  }

  /// Whether those factors are of columns of the tensor, not of rows.
  var hasColumnGains: Bool {
    guard case .gain(let gain) = update.change else { return isTransposed }
    return (gain.side == .inputs) != isTransposed
  }
}
