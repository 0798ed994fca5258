internal import Adapters
internal import ArgumentParser

/// A figure of a weight's singular values, which a list is ordered by and a heat map shows.
enum SpectrumFigure: String, ExpressibleByArgument, CaseIterable, Sendable {
  case name
  case spectral
  case frobenius
  case nuclear
  case stable
  case effective
  case used
  case rank50
  case rank90
  case rank99
  case relative
  case base90
  case tuned90

  static let allValueDescriptions = [
    "name": "By name", "spectral": "The spectral norm, σ₁",
    "frobenius": "The Frobenius norm", "nuclear": "The nuclear norm",
    "stable": "The stable rank", "effective": "The effective rank",
    "used": "The rank that is used", "rank50": "The rank with 50 % of the energy",
    "rank90": "The rank with 90 % of the energy", "rank99": "The rank with 99 % of the energy",
    "relative": "‖Δ‖ / ‖W‖, which needs --base",
    "base90": "The rank with 90 % of the energy of the weight before a full fine-tune",
    "tuned90": "The same after it",
  ]

  /// Rows in this order, the largest first; equal ones, and those without the figure, keep theirs.
  func sorted<Row: SpectrumRow>(_ rows: [Row]) -> [Row] {
    guard self != .name else { return rows }
    return rows.enumerated().map { (place: $0, row: $1, key: value(of: $1) ?? -1) }
      .sorted { $0.key == $1.key ? $0.place < $1.place : $0.key > $1.key }.map(\.row)
  }

  /// The figure of a row; nil where it is not known.
  func value(of row: some SpectrumRow) -> Double? {
    switch self {
    case .name: nil
    case .spectral: row.change.spectralNorm
    case .frobenius: row.change.frobeniusNorm
    case .nuclear: row.change.nuclearNorm
    case .stable: row.aboveNoise.stableRank
    case .effective: row.aboveNoise.effectiveRank
    case .used: Double(row.usedRank)
    case .rank50: Double(row.aboveNoise.rank(atEnergy: 0.5))
    case .rank90: Double(row.aboveNoise.rank(atEnergy: 0.9))
    case .rank99: Double(row.aboveNoise.rank(atEnergy: 0.99))
    case .relative: row.relativeNorm
    case .base90: row.sides.map { Double($0.base.rank(atEnergy: 0.9)) }
    case .tuned90: row.sides.map { Double($0.tuned.rank(atEnergy: 0.9)) }
    }
  }

  /// Whether only a full fine-tune has it.
  var isOfFineTunes: Bool { self == .base90 || self == .tuned90 }

  /// What a drawing calls it.
  var title: String {
    switch self {
    case .name: "Name"
    case .spectral: "Spectral norm ‖Δ‖₂"
    case .frobenius: "Frobenius norm ‖Δ‖F"
    case .nuclear: "Nuclear norm ‖Δ‖*"
    case .stable: "Stable rank"
    case .effective: "Effective rank"
    case .used: "Rank in use"
    case .rank50: "Rank with 50 % of the energy"
    case .rank90: "Rank with 90 % of the energy"
    case .rank99: "Rank with 99 % of the energy"
    case .relative: "‖Δ‖F / ‖W‖F"
    case .base90: "Rank with 90 % of the energy of W"
    case .tuned90: "Rank with 90 % of the energy of W + Δ"
    }
  }
}
