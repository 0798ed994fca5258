internal import Compute

/// A combined delta on its way to the two factors it is written as.
///
/// What comes from factors is known whole, so that truncation is exact. What was formed is searched
/// for its leading directions (`RangeFinder`), and what they miss is measured on the factors.
struct CombinedFactors: Sendable {
  /// The form that is truncated.
  private enum Source: Sendable {
    case zero
    /// Factors that stay as they are.
    case kept(FactoredDelta)
    /// Singular values and vectors, with the formed matrix that they are of, where there is one.
    case decomposed(SingularValueDecomposition, formed: Matrix?)
  }

  private let source: Source
  /// The singular values, or the largest of them.
  let spectrum: Spectrum
  private let name: String

  /// Prepares a delta. Without a selection factors stay as they are, and what was formed keeps
  /// `rankBound`. `limit` is the largest rank that a global rule can give.
  init(
    _ delta: WeightCombination.Delta, rankBound: Int, selection: RankSelection?, limit: Int,
    name: String
  ) throws(ComputeError) {
    self.name = name
    switch selection == nil ? delta.formedWhereFull : delta.formedWhereWorthwhile {
    case .zero: (source, spectrum) = (.zero, Spectrum([]))
    case .factors(let factors):
      let whole = try factors.significantDecomposition()
      spectrum = Spectrum(whole.values)
      if whole.values.isEmpty {
        source = .zero
      } else if selection == nil, factors.rank <= min(factors.rows, factors.columns) {
        source = .kept(factors)
      } else {
        source = .decomposed(whole, formed: nil)
      }
    case .formed(let matrix):
      guard matrix.elements.contains(where: { $0 != 0 }) else {
        (source, spectrum) = (.zero, Spectrum([]))
        return
      }
      let rule = selection ?? RankSelection(.exactly(rankBound))
      var randomness = NamedRandomness(seed: 0, name: name)
      var finder = try RangeFinder(
        of: matrix, expectedRank: rankBound, randomness: &randomness)
      if rule.rule.isGlobal { try finder.decompose() }
      var rank = finder.knownRank(rule)
      while !finder.isWhole, rank.map({ !finder.isSettled($0) }) ?? true {
        try finder.expand()
        rank = finder.knownRank(rule)
      }
      spectrum = finder.known
      source = .decomposed(
        try finder.leading(rank ?? min(limit, finder.fullCount)), formed: matrix)
    }
  }

  /// Whether nothing is left of the delta.
  var isZero: Bool {
    if case .zero = source { return true }
    return false
  }

  /// The rank that it is written with: the whole one, or the selection's.
  func rank(_ selection: RankSelection?) -> Int {
    switch source {
    case .zero: return 0
    case .kept(let factors): return factors.rank
    case .decomposed(let triplets, _):
      let wanted = selection?.rank(of: spectrum) ?? triplets.values.count
      return min(wanted, triplets.values.count)
    }
  }

  /// The factors of the given rank, rounded as they will be stored, and the spectral and the
  /// Frobenius norm of what they miss. Factors that are kept have their own rank.
  func written(
    rank: Int, rounding: (RealMatrix) -> Matrix
  ) throws(ComputeError) -> (factors: FactoredDelta, spectral: Double, frobenius: Double)? {
    switch source {
    case .zero: return nil
    case .kept(let factors): return (factors, 0, 0)
    case .decomposed(let triplets, let formed):
      guard rank > 0 else { return nil }
      let factors = FactoredDelta(triplets.truncated(to: rank))
      guard var formed else {
        return (
          factors, spectrum.spectralError(keeping: rank), spectrum.frobeniusError(keeping: rank)
        )
      }
      var randomness = NamedRandomness(seed: 1, name: name)
      let error = try ApproximationError(
        of: &formed, by: rounding(factors.left), rounding(factors.right), randomness: &randomness)
      return (factors, error.spectralBound, error.frobeniusBound)
    }
  }
}

extension WeightCombination.Delta {
  /// Factors whose inner extent is near the extents of a large product are no shorter way to it: the
  /// product is formed, and searched for what is wanted of it.
  fileprivate var formedWhereWorthwhile: WeightCombination.Delta {
    guard case .factors(let factors) = self, factors.isNearlyFull else { return self }
    return .formed(factors.product.rounded)
  }

  /// The same of factors that cannot be written as they are, being longer than their product.
  fileprivate var formedWhereFull: WeightCombination.Delta {
    guard case .factors(let factors) = self, factors.rank > min(factors.rows, factors.columns)
    else { return self }
    return formedWhereWorthwhile
  }
}

extension FactoredDelta {
  /// Whether forming the product is the shorter way to its singular vectors.
  var isNearlyFull: Bool {
    min(rows, columns) > SpectralNorm.wholeLimit && rank * 2 > min(rows, columns)
  }
}

extension RangeFinder {
  /// What is known of the singular values.
  fileprivate var known: Spectrum {
    isWhole ? Spectrum(values) : Spectrum(largest: values, energy: squaredNorm)
  }

  /// The rank that a rule gives, where what is known decides it.
  fileprivate func knownRank(_ selection: RankSelection) -> Int? { selection.rank(of: known) }
}
