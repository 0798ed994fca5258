internal import Compute

/// How several adapters lie to one another in one weight.
public struct WeightOverlap: Sendable {
  /// The weight.
  public let weight: PlannedWeight
  /// ‖Δ‖ of each member that has it, by its place among the members.
  public let norms: [Int: Double]
  /// The singular values of each that are more than rounding.
  public let ranks: [Int: Int]
  /// All pairs of members that have it.
  public let pairs: [PairOverlap]
  /// ‖Σ wΔ‖, the norm that the sum will have.
  public let sumNorm: Double
  /// √Σ‖wΔ‖²: what it would be if the deltas were at right angles.
  public let orthogonalNorm: Double
  /// The entries of the weight.
  public let elementCount: Int
  /// The entries for which some member is positive and some negative.
  public let conflictCount: Int

  /// Measures loaded deltas; no delta is formed but a tile at a time.
  init(
    _ weight: PlannedWeight, _ combination: WeightCombination, form: KernelForm
  ) throws(ComputeError) {
    self.weight = weight
    // A negative weight turns an adapter around, here as for the methods.
    let deltas = zip(combination.deltas, combination.weights).map { $0.scaled(by: $1 < 0 ? -1 : 1) }
    let sizes = combination.weights.map(abs)
    let places = combination.places
    let signs = SignTally(deltas, form: form)
    var spans: [SingularValueDecomposition] = []
    for (delta, own) in zip(deltas, weight.deltas) {
      spans.append(try delta.span(own))
    }
    var (squares, pairs, sum) = (deltas.map { max(0, $0.inner($0)) }, [PairOverlap](), 0.0)
    for i in deltas.indices {
      sum += sizes[i] * sizes[i] * squares[i]
      for j in (i + 1)..<max(deltas.count, i + 1) {
        let inner = deltas[i].inner(deltas[j])
        sum += 2 * sizes[i] * sizes[j] * inner
        pairs.append(
          PairOverlap(
            places[i], places[j], innerProduct: inner, squares: (squares[i], squares[j]),
            outputs: SpanOverlap(spans[i].left.transposed, spans[j].left.transposed),
            inputs: SpanOverlap(spans[i].right, spans[j].right),
            sharedCount: signs.shared[pairs.count], opposedCount: signs.opposed[pairs.count]))
      }
    }
    // Where the deltas cancel, the sum of products is rounding: the sum itself is factorised then.
    let orthogonal = zip(sizes, squares).reduce(0.0) { $0 + $1.0 * $1.0 * $1.1 }
    if !deltas.isEmpty, sum < 0x1p-20 * orthogonal {
      let parts = zip(deltas, sizes).map { $0.scaled(by: $1) }
      let values = try FactoredDelta.sum(parts).significantDecomposition().values
      sum = values.reduce(0.0) { $0 + $1 * $1 }
    }
    squares = squares.map { $0.squareRoot() }
    norms = Dictionary(uniqueKeysWithValues: zip(places, squares))
    ranks = Dictionary(uniqueKeysWithValues: zip(places, spans.map(\.values.count)))
    self.pairs = pairs
    sumNorm = max(0, sum).squareRoot()
    orthogonalNorm = orthogonal.squareRoot()
    elementCount = signs.elementCount
    conflictCount = signs.conflictCount
  }
}

extension FactoredDelta {
  /// The singular vectors that an adapter pays for: of what depends on a base and has any rank, as
  /// many as its low-rank part has.
  fileprivate func span(
    _ own: MemberDelta?
  ) throws(ComputeError) -> SingularValueDecomposition {
    let count = (own?.isEffective ?? false) ? own?.storedRank ?? rank : rank
    guard isNearlyFull else { return try significantDecomposition().truncated(to: count) }
    var randomness = NamedRandomness(seed: 0, name: "")
    var finder = try RangeFinder(
      of: product.rounded, expectedRank: count, randomness: &randomness)
    while !finder.isSettled(count) { try finder.expand() }
    return try finder.leading(count)
  }
}

extension SpanOverlap {
  /// The overlap of two sets of orthonormal rows.
  init(_ one: RealMatrix, _ other: RealMatrix) {
    let cosines = one.timesTransposed(other)
    self.init(
      common: cosines.innerProduct(with: cosines), count: min(one.rows, other.rows),
      expected: Double(one.rows) * Double(other.rows) / Double(max(1, one.columns)))
  }
}
