internal import Adapters
internal import JSON

extension SpectrumRow {
  /// What every row of `spectrum.weights` has.
  var json: JSONValue {
    [
      "module": .string(target.module.path), "parameter": .string(target.parameter),
      "shape": [.integer(extents.rows), .integer(extents.columns)],
      "full_rank": .integer(fullRank),
      "paid_rank": rankPaid.map { .integer($0) } ?? .null, "used_rank": .integer(usedRank),
      "base_frobenius": baseNorm.map { .number($0) } ?? .null,
      "relative": relativeNorm.map { .number($0) } ?? .null,
      "change": change.json,
    ]
  }
}

extension Spectrum {
  /// All figures, then the singular values.
  var json: JSONValue {
    [
      "spectral": .number(spectralNorm), "frobenius": .number(frobeniusNorm),
      "nuclear": .number(nuclearNorm), "stable_rank": .number(stableRank),
      "effective_rank": .number(effectiveRank),
      "effective_rank_energy": .number(effectiveEnergyRank),
      "participation_ratio": .number(participationRatio),
      "rank_50": .integer(rank(atEnergy: 0.5)), "rank_90": .integer(rank(atEnergy: 0.9)),
      "rank_99": .integer(rank(atEnergy: 0.99)),
      "singular_values": .array(values.map { .number($0) }),
    ]
  }
}

extension IntruderDimensions {
  /// The places from 0, and what they are judged by.
  var json: JSONValue {
    [
      "threshold": .number(Self.threshold),
      "places": .array(places.map { .integer($0) }),
      "likeness": .array(likeness.map { .number($0) }),
      "in_leading": .array(inLeading.map { .number($0) }),
    ]
  }
}
