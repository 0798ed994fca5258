internal import Adapters
internal import Tensors

/// What lists and drawings show of one weight's change, whether an adapter made it or a fine-tune.
protocol SpectrumRow {
  /// The weight.
  var target: TargetParameter { get }
  /// The extents of the change as a matrix.
  var extents: (rows: Int, columns: Int) { get }
  /// The singular values of the change as it is stored: its norms.
  var change: Spectrum { get }
  /// The same without the rounding of stored weights, as far as that can be told: its ranks.
  var aboveNoise: Spectrum { get }
  /// The rank that is paid for; nil of a full fine-tune.
  var rankPaid: Int? { get }
  /// The singular values that are more than rounding.
  var usedRank: Int { get }
  /// ‖W‖_F of the base's weight; nil where it is not known.
  var baseNorm: Double? { get }
  /// ‖Δ‖_F / ‖W‖_F; nil where there is nothing to relate to.
  var relativeNorm: Double? { get }
  /// The weight before and after a full fine-tune; nil of an adapter.
  var sides: (base: Spectrum, tuned: Spectrum)? { get }
}

extension SpectrumRow {
  /// The smaller extent: the most that a rank can be.
  var fullRank: Int { min(extents.rows, extents.columns) }
}

extension SpectrumInspection.Row: SpectrumRow {
  var change: Spectrum { spectrum }
  // Factors are no sum of rounded weights: what they hold is what was trained.
  var aboveNoise: Spectrum { spectrum }
  var rankPaid: Int? { paidRank }
  var sides: (base: Spectrum, tuned: Spectrum)? { nil }
}

extension TunedSpectrum: SpectrumRow {
  var extents: (rows: Int, columns: Int) { shape.matrix }
  var aboveNoise: Spectrum { denoised }
  var rankPaid: Int? { nil }
  var usedRank: Int { denoised.values.count }
  var baseNorm: Double? { base.frobeniusNorm }
  var sides: (base: Spectrum, tuned: Spectrum)? { (base, tuned) }
}
