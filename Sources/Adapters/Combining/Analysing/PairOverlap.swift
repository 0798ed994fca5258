/// How two adapters lie to one another in one weight, or in several taken together.
public struct PairOverlap: Sendable, Hashable {
  /// The place of the one among the members.
  public let first: Int
  /// The place of the other.
  public let second: Int
  /// ⟨a, b⟩, entry by entry; an adapter with a negative weight is turned around.
  public private(set) var innerProduct: Double
  /// ‖a‖²
  public private(set) var firstSquare: Double
  /// ‖b‖²
  public private(set) var secondSquare: Double
  /// What the two have in common of the outputs that they change: of the left singular vectors.
  public private(set) var outputs: SpanOverlap
  /// What they have in common of the inputs that they look at: of the right singular vectors.
  public private(set) var inputs: SpanOverlap
  /// The entries that both change.
  public private(set) var sharedCount: Int
  /// Those of them for which the two have different signs.
  public private(set) var opposedCount: Int

  /// ⟨a, b⟩ / (‖a‖·‖b‖); nil where one of the two is zero.
  public var cosine: Double? {
    let cosine = innerProduct / firstSquare.squareRoot() / secondSquare.squareRoot()
    return cosine.isFinite ? max(-1, min(1, cosine)) : nil
  }

  /// The share of entries that both change for which the signs differ; nil where they share none.
  public var conflictShare: Double? {
    sharedCount > 0 ? Double(opposedCount) / Double(sharedCount) : nil
  }

  init(
    _ first: Int, _ second: Int, innerProduct: Double = 0,
    squares: (Double, Double) = (0, 0), outputs: SpanOverlap = SpanOverlap(),
    inputs: SpanOverlap = SpanOverlap(), sharedCount: Int = 0, opposedCount: Int = 0
  ) {
    (self.first, self.second) = (first, second)
    self.innerProduct = innerProduct
    (firstSquare, secondSquare) = squares
    (self.outputs, self.inputs) = (outputs, inputs)
    (self.sharedCount, self.opposedCount) = (sharedCount, opposedCount)
  }

  /// The same pair in several weights taken together.
  mutating func add(_ other: PairOverlap) {
    innerProduct += other.innerProduct
    firstSquare += other.firstSquare
    secondSquare += other.secondSquare
    outputs.add(other.outputs)
    inputs.add(other.inputs)
    sharedCount += other.sharedCount
    opposedCount += other.opposedCount
  }
}

/// What the spans of two sets of singular vectors have in common: φ = ‖UᵀU'‖_F² / min(i, j) of the
/// LoRA paper (arXiv 2106.09685, §7.2), 1 for nested spans and 0 for orthogonal ones.
public struct SpanOverlap: Sendable, Hashable {
  /// ‖UᵀU'‖_F²
  public private(set) var common: Double
  /// min(i, j), of several weights their sum.
  public private(set) var count: Int
  /// What ‖UᵀU'‖_F² of random spans is on average: i·j / d.
  public private(set) var expected: Double

  init(common: Double = 0, count: Int = 0, expected: Double = 0) {
    (self.common, self.count, self.expected) = (common, count, expected)
  }

  /// φ; nil where one of the spans is empty.
  public var similarity: Double? { count > 0 ? min(1, common / Double(count)) : nil }
  /// φ of random spans, on average.
  public var randomSimilarity: Double? { count > 0 ? min(1, expected / Double(count)) : nil }

  mutating func add(_ other: SpanOverlap) {
    common += other.common
    count += other.count
    expected += other.expected
  }
}
