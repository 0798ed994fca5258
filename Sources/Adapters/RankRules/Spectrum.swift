/// The singular values of one weight's change, or the largest of them.
public struct Spectrum: Sendable, Hashable {
  /// σ, descending, none negative.
  public let values: [Double]
  /// Σσ² over all singular values, also over those that are not among `values`: ‖Δ‖ squared.
  public let energy: Double
  /// Whether `values` are all of them that are not zero.
  public let isComplete: Bool

  /// All singular values of a change, descending.
  public init(_ values: [Double]) {
    self.values = values
    energy = Self.squares(values[...])
    isComplete = true
  }

  /// The largest singular values of a change of the given energy, descending.
  public init(largest values: [Double], energy: Double) {
    self.values = values
    self.energy = max(energy, Self.squares(values[...]))
    isComplete = false
  }

  /// σ₁, the spectral norm; 0 of no change.
  public var spectralNorm: Double { values.first ?? 0 }

  /// √Σσ²
  public var frobeniusNorm: Double { energy.squareRoot() }

  /// The exact spectral error of keeping `rank` singular values: the first one left out. Known where
  /// that one is.
  public func spectralError(keeping rank: Int) -> Double {
    rank < values.count ? values[rank] : 0
  }

  /// The exact Frobenius error of keeping `rank` singular values, √Σσᵢ² over i > rank.
  public func frobeniusError(keeping rank: Int) -> Double {
    let tail = Self.squares(values[min(rank, values.count)...])
    guard !isComplete else { return tail.squareRoot() }
    return max(tail, energy - Self.squares(values[..<min(rank, values.count)])).squareRoot()
  }

  /// Σσ², the smallest first, so that a long tail is not lost beside the head.
  static func squares(_ values: ArraySlice<Double>) -> Double {
    values.reversed().reduce(0) { $0 + $1 * $1 }
  }
}
