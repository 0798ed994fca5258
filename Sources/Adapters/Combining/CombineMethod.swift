/// How the deltas of several adapters become one. All of them work on deltas, never on the factors
/// A and B by themselves, which would multiply one adapter's A with another's B.
public enum CombineMethod: String, Sendable, CaseIterable {
  /// Σ wₜΔₜ, exactly: factors side by side, or truncated where a rank is asked for.
  case linear
  /// Σ wₜΔₜ, exactly and never truncated.
  case cat
  /// Σ wₜΔₜ, truncated by its singular values.
  case svd
  /// Along the arc between two deltas (`SphericalInterpolation`).
  case slerp
  /// The mean, shortened by the angle between the deltas (`ModelStock`).
  case modelStock = "model-stock"
  /// The largest magnitudes of each, summed up.
  case magnitudePrune = "magnitude-prune"
  /// Trimming, election of signs, and the mean of those that agree (`SignElection`).
  case ties
  /// Random entries of each, made up for, summed up (`RandomDropping`).
  case dare
  /// DARE, then election of signs.
  case dareTIES = "dare-ties"
  /// Random entries, the large ones likelier (`RankedDropping`), then election of signs.
  case della
  /// DELLA's entries, summed up.
  case dellaLinear = "della-linear"
  /// What is neither outlier nor noise (`OutlierTrimming`), summed up.
  case breadcrumbs
  /// Breadcrumbs, then election of signs.
  case breadcrumbsTIES = "breadcrumbs-ties"
  /// TIES in a basis that the deltas share (`KnOTS`).
  case knots
  /// Singular vectors made orthogonal to one another (`TaskSingularVectors`).
  case tsv
  /// The sum with equal singular values (`IsotropicSpectrum`).
  case isoC = "iso-c"

  /// The least and the largest number of adapters.
  public var memberCounts: ClosedRange<Int> { self == .slerp ? 2...2 : 1...Int.max }
  /// Whether it changes entries one by one, so that the result has no low rank of its own and is
  /// truncated to one.
  public var isElementwise: Bool {
    switch self {
    case .magnitudePrune, .ties, .dare, .dareTIES, .della, .dellaLinear, .breadcrumbs,
      .breadcrumbsTIES:
      return true
    case .linear, .cat, .svd, .slerp, .modelStock, .knots, .tsv, .isoC: return false
    }
  }
  /// Whether it is Σ wₜΔₜ and nothing else.
  public var isSum: Bool { [.linear, .cat, .svd].contains(self) }
  /// Whether it draws random numbers.
  public var isRandom: Bool { [.dare, .dareTIES, .della, .dellaLinear].contains(self) }
  /// Whether it elects signs.
  public var electsSigns: Bool {
    [.ties, .dareTIES, .della, .breadcrumbsTIES, .knots].contains(self)
  }
  /// Whether it keeps a share of the entries.
  public var hasDensity: Bool { isElementwise || self == .knots }
  /// Whether members have weights of their own.
  public var hasWeights: Bool { self != .modelStock && self != .slerp }
}
