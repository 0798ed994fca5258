internal import Compute

/// What an elementwise method does to one delta before the deltas are put together.
enum Sparsifier: Sendable, Hashable {
  case trim(Trimming)
  case outliers(OutlierTrimming)
  case random(RandomDropping)
  case ranked(RankedDropping)

  /// The sparsifier of a method; nil for one that is not elementwise.
  init?(_ options: CombineOptions) {
    let density = options.effectiveDensity
    switch options.method {
    case .magnitudePrune, .ties: self = .trim(Trimming(density: density))
    case .breadcrumbs, .breadcrumbsTIES:
      self = .outliers(OutlierTrimming(density: density, gamma: options.effectiveGamma))
    case .dare, .dareTIES: self = .random(RandomDropping(density: density))
    case .della, .dellaLinear:
      self = .ranked(RankedDropping(density: density, epsilon: options.effectiveEpsilon))
    case .linear, .cat, .svd, .slerp, .modelStock, .knots, .tsv, .isoC: return nil
    }
  }

  /// Changes a delta `[…, columns]`, row-major; returns how many of its entries are kept.
  func apply(
    to values: inout [Float], columns: Int, _ randomness: inout NamedRandomness
  ) -> Int {
    switch self {
    case .trim(let trimming): return trimming.trim(&values)
    case .outliers(let trimming): return trimming.trim(&values)
    case .random(let dropping): return dropping.drop(&values, &randomness)
    case .ranked(let dropping): return dropping.drop(&values, columns: columns, &randomness)
    }
  }
}
