public import Compute

/// What was measured of two updates, or of the values that they put in the base's place.
public struct PairMeasures: Sendable {
  /// The norms, Frobenius' always among them.
  public private(set) var norms: [MatrixNorm: DifferenceNorms]
  /// ⟨old, new⟩, the sum of the products of their entries; nil where one side is missing.
  public let innerProduct: Double?
  /// The angles between their leading left singular vectors, and between their right ones.
  public let angles: (left: SubspaceAngles, right: SubspaceAngles)?

  /// What was measured, Frobenius norms at least.
  init(
    norms: [MatrixNorm: DifferenceNorms], innerProduct: Double?,
    angles: (left: SubspaceAngles, right: SubspaceAngles)? = nil
  ) {
    self.norms = norms
    self.innerProduct = innerProduct
    self.angles = angles
  }

  /// Frobenius norms alone. With e² = ‖old‖² + ‖new‖² − ‖new − old‖², ⟨old, new⟩ is e²/2.
  init(frobenius norms: DifferenceNorms, isPair: Bool) {
    self.init(
      norms: [.frobenius: norms],
      innerProduct: isPair
        ? (norms.old * norms.old + norms.new * norms.new - norms.distance * norms.distance) / 2
        : nil)
  }

  /// Two products of factors, measured as far as is asked for. Where an entry is not finite, the
  /// Frobenius norms say so and the others are missing.
  init(
    from old: ScaledFactors?, to new: ScaledFactors?, measures: DifferenceMeasures
  ) throws(ComputeError) {
    let isPair = old != nil && new != nil
    guard measures.needsFactorisation else {
      self.init(frobenius: DifferenceNorms(FactorDistance(from: old, to: new)), isPair: isPair)
      try addLargestEntries(from: old, to: new, measures)
      return
    }
    let pair: FactorPair
    do { pair = try FactorPair(from: old, to: new) } catch .notFinite {
      self.init(frobenius: DifferenceNorms(FactorDistance(from: old, to: new)), isPair: isPair)
      return
    }
    let wanted =
      [.frobenius] + measures.norms.filter { $0 != .max }.sorted { $0.rawValue < $1.rawValue }
    let norms = Dictionary(uniqueKeysWithValues: zip(wanted, try pair.norms(wanted)))
    var angles: (left: SubspaceAngles, right: SubspaceAngles)?
    if isPair, let count = measures.angleCount { angles = try pair.angles(count: count) }
    self.init(norms: norms, innerProduct: isPair ? pair.innerProduct : nil, angles: angles)
    try addLargestEntries(from: old, to: new, measures)
  }

  private mutating func addLargestEntries(
    from old: ScaledFactors?, to new: ScaledFactors?, _ measures: DifferenceMeasures
  ) throws(ComputeError) {
    guard measures.norms.contains(.max), norms[.frobenius].map(\.isFinite) ?? false else { return }
    norms[.max] = try DifferenceNorms(largestEntriesFrom: old, to: new)
  }

  /// The same of two things that are known to be the same: a NaN that stayed as it was is no
  /// difference.
  var withoutDistance: PairMeasures {
    PairMeasures(
      norms: norms.mapValues(\.withoutDistance), innerProduct: innerProduct, angles: angles)
  }

  /// ⟨old, new⟩ / (‖old‖·‖new‖): 1 for the same direction, −1 for the opposite one; nil where one of
  /// the two is zero or missing.
  public var cosine: Double? {
    guard let innerProduct, let norms = norms[.frobenius] else { return nil }
    return Self.cosine(innerProduct, norms.old, norms.new)
  }

  /// The cosine of several pairs taken together; nil where there is none.
  public static func cosine(of all: [PairMeasures]) -> Double? {
    let pairs = all.filter { $0.innerProduct != nil }
    func root(_ part: KeyPath<DifferenceNorms, Double>) -> Double {
      MatrixNorm.frobenius.together(pairs.compactMap { $0.norms[.frobenius]?[keyPath: part] })
    }
    return cosine(
      pairs.reduce(0.0) { $0 + ($1.innerProduct ?? 0) }, root(\.old), root(\.new))
  }

  private static func cosine(_ innerProduct: Double, _ old: Double, _ new: Double) -> Double? {
    let quotient = innerProduct / old / new
    return quotient.isFinite ? min(1, max(-1, quotient)) : nil
  }
}

extension DifferenceNorms {
  /// Whether both norms are numbers: NaN or infinite ones tell of such values.
  public var isFinite: Bool { old.isFinite && new.isFinite }
}
