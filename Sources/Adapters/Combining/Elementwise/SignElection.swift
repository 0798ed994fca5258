/// TIES' election and disjoint merge (arXiv 2306.01708), entry by entry: the deltas vote for a sign,
/// and those that have it are summed up with their weights.
///
/// An entry that is 0 has no sign and takes no part; a tie elects plus.
public struct SignElection: Sendable, Hashable {
  /// How the sign is elected.
  public enum Majority: String, Sendable, CaseIterable {
    /// The sign of Σ Δₜ, weights not counted: the paper's and PEFT's.
    case total
    /// The sign that more deltas have, weights not counted: PEFT's `frequency`.
    case frequency
    /// The sign of Σ wₜ·Δₜ: mergekit's.
    case weighted
  }

  /// What the sum is divided by.
  public enum Divisor: String, Sendable, CaseIterable {
    /// The number of deltas that have the elected sign: the paper's mean, and PEFT's.
    case count
    /// The sum of their weights: mergekit's `normalize`.
    case weights
    /// Nothing.
    case none
  }

  /// How the sign is elected.
  public var majority: Majority
  /// What the sum is divided by.
  public var divisor: Divisor

  /// An election.
  public init(majority: Majority = .total, divisor: Divisor = .count) {
    self.majority = majority
    self.divisor = divisor
  }

  /// The merged entries, and the number of those whose deltas were of two signs.
  func merged(
    _ deltas: [[Float]], weights: [Double]
  ) -> (merged: [Double], conflictCount: Int) {
    let count = deltas.first?.count ?? 0
    var merged = [Double](repeating: 0, count: count)
    var conflicts = 0
    for place in 0..<count {
      var (vote, hasPositive, hasNegative) = (0.0, false, false)
      for number in deltas.indices {
        let value = Double(deltas[number][place])
        guard value != 0 else { continue }
        if value > 0 { hasPositive = true } else { hasNegative = true }
        switch majority {
        case .total: vote += value
        case .frequency: vote += value > 0 ? 1 : -1
        case .weighted: vote += weights[number] * value
        }
      }
      if hasPositive && hasNegative { conflicts += 1 }
      let isPositive = vote >= 0
      var (sum, agreeing, weight) = (0.0, 0.0, 0.0)
      for number in deltas.indices {
        let value = Double(deltas[number][place])
        guard value != 0, (value > 0) == isPositive else { continue }
        sum += weights[number] * value
        agreeing += 1
        weight += weights[number]
      }
      guard agreeing > 0 else { continue }
      switch divisor {
      case .count: merged[place] = sum / agreeing
      case .weights: merged[place] = weight == 0 ? sum : sum / weight
      case .none: merged[place] = sum
      }
    }
    return (merged, conflicts)
  }
}
