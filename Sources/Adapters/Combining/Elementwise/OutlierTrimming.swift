/// Model breadcrumbs (arXiv 2312.06795): the largest magnitudes are dropped as outliers and the
/// smallest as noise; what lies between stays as it is.
///
/// Of N entries the ⌊γ·N⌋ largest and the N − ⌊density·N⌋ − ⌊γ·N⌋ smallest become 0; where that is
/// negative, fewer of the largest do. γ·N below 1 drops no outlier (mergekit drops everything then).
struct OutlierTrimming: Sendable, Hashable {
  /// The share that is kept, in (0, 1].
  let density: Double
  /// The share of outliers, in [0, 1).
  let gamma: Double

  /// Trims a delta; returns how many of its entries are kept.
  func trim(_ values: inout [Float]) -> Int {
    let kept = Trimming.count(density, of: values.count)
    let outliers = min(Trimming.count(gamma, of: values.count), values.count - kept)
    let (top, both) = (
      MagnitudeOrder.cut(values, after: outliers),
      MagnitudeOrder.cut(values, after: outliers + kept)
    )
    var trimmed = values
    top.forEach(values) { place, isOutlier in if isOutlier { trimmed[place] = 0 } }
    both.forEach(values) { place, isLarge in if !isLarge { trimmed[place] = 0 } }
    values = trimmed
    return kept
  }
}
