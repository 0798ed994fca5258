internal import Glibc

/// What a whole spectrum comes to in one number; 0 of no change.
extension Spectrum {
  /// Σσ
  public var nuclearNorm: Double { values.reversed().reduce(0, +) }

  /// ‖Δ‖_F² / ‖Δ‖₂²: how many directions of the largest size the energy is worth.
  public var stableRank: Double {
    spectralNorm > 0 ? Self.squares(relative[...]) : 0
  }

  /// exp(H(σ / Σσ)), H being Shannon's entropy (Roy and Vetterli 2007).
  public var effectiveRank: Double { Self.entropyRank(relative) }

  /// exp(H(σ² / Σσ²)): the same of the energy.
  public var effectiveEnergyRank: Double { Self.entropyRank(relative.map { $0 * $0 }) }

  /// (Σσ²)² / Σσ⁴
  public var participationRatio: Double {
    let squares = relative.map { $0 * $0 }
    let sum = squares.reversed().reduce(0, +)
    return sum > 0 ? sum * sum / Self.squares(squares[...]) : 0
  }

  /// The least rank with a share of the energy.
  public func rank(atEnergy share: Double) -> Int {
    RankRule.energy(share).rank(of: self) ?? values.count
  }

  /// σ / σ₁, so that no square overflows or vanishes.
  private var relative: [Double] {
    spectralNorm > 0 ? values.map { $0 / spectralNorm } : []
  }

  private static func entropyRank(_ parts: [Double]) -> Double {
    let sum = parts.reversed().reduce(0, +)
    guard sum > 0 else { return 0 }
    return exp(
      parts.reversed().reduce(0.0) { entropy, part in
        part > 0 ? entropy - part / sum * log(part / sum) : entropy
      })
  }
}
