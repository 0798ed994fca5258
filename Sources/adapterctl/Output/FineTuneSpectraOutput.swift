internal import Adapters
internal import Files
internal import JSON
internal import Tensors

/// The singular values of what a fine-tune changed, as they are shown.
///
/// "Rank at 90 %" is the least k with 90 % of Σσ², as "LoRA Learns Less and Forgets Less" (arXiv
/// 2405.09673) reports it of a weight before, of it after and of the change.
struct FineTuneSpectraOutput: CommandOutput {
  let spectra: FineTuneSpectra

  func text(verbose: Bool) -> [String] {
    let fineTune = spectra.fineTune
    var lines = [
      "model       \(fineTune.tuned.path)",
      "base        \(fineTune.base.path)",
      "tensors     \(Numbers.grouped(spectra.matrices.count)) matrices changed, "
        + "\(Numbers.count(spectra.others.count, "other tensor")) changed, "
        + "\(Numbers.grouped(spectra.unchangedCount)) the same",
    ].map(Terminal.escaped)
    for (label, names) in [("added", fineTune.added), ("removed", fineTune.removed)]
    where !names.isEmpty {
      let line = label + String(repeating: " ", count: 12 - label.count) + Failure.list(names)
      lines.append(Terminal.escaped(line))
    }
    let resized = fineTune.pairs.filter(\.isResized).map(\.name)
    if !resized.isEmpty { lines.append(Terminal.escaped("resized     " + Failure.list(resized))) }
    guard !spectra.matrices.isEmpty else { return lines }
    lines += (verbose ? everyMatrix : byKind).lines
    lines.append(
      "note: rank 90 % is the least rank with 90 % of the squared singular values; in \"above "
        + "noise\" the rounding of the stored weights is taken off first.")
    return lines
  }

  private static let columns = [
    "rank 90 % base", "tuned", "change", "above noise", "of", "stable rank", "change/base",
  ]

  /// The mean of each kind of module.
  private var byKind: TextTable {
    var table = TextTable(header: ["module", "weights"] + Self.columns)
    let groups = Dictionary(grouping: spectra.matrices, by: \.target.kind)
    for kind in groups.keys.sorted() {
      let group = groups[kind] ?? []
      func mean(_ part: (TunedSpectrum) -> Double) -> String {
        Numbers.significant(group.reduce(0.0) { $0 + part($1) } / Double(group.count))
      }
      table.add([
        kind, Numbers.grouped(group.count), mean { Double($0.base.rank90) },
        mean { Double($0.tuned.rank90) }, mean { Double($0.change.rank90) },
        mean { Double($0.denoised.rank90) }, mean { Double($0.fullRank) },
        mean(\.change.stableRank), mean(\.relativeChange),
      ])
    }
    return table
  }

  private var everyMatrix: TextTable {
    var table = TextTable(header: ["weight"] + Self.columns)
    for matrix in spectra.matrices {
      table.add([
        matrix.target.description, "\(matrix.base.rank90)", "\(matrix.tuned.rank90)",
        "\(matrix.change.rank90)", "\(matrix.denoised.rank90)", "\(matrix.fullRank)",
        Numbers.significant(matrix.change.stableRank), Numbers.significant(matrix.relativeChange),
      ])
    }
    return table
  }

  var json: JSONValue {
    let fineTune = spectra.fineTune
    func names(_ names: [TensorName]) -> JSONValue { .array(names.map { .string($0.text) }) }
    return [
      "schema": "adapterctl.inspect/1", "kind": "fine_tune",
      "path": .string(fineTune.tuned.path.text), "base": .string(fineTune.base.path.text),
      "added": names(fineTune.added), "removed": names(fineTune.removed),
      "resized": names(fineTune.pairs.filter(\.isResized).map(\.name)),
      "changed_otherwise": names(spectra.others), "unchanged": .integer(spectra.unchangedCount),
      "matrices": .array(spectra.matrices.map(Self.json)),
    ]
  }

  private static func json(_ matrix: TunedSpectrum) -> JSONValue {
    var json: JSONValue = [
      "module": .string(matrix.target.module.path),
      "parameter": .string(matrix.target.parameter),
      "shape": .array(matrix.shape.extents.map { .integer($0) }),
      "singular_values": .array(matrix.change.values.map { .number($0) }),
      "spectral_norm": .number(matrix.change.spectralNorm),
      "spectral_norm_error": .number(matrix.errorBound),
      "frobenius_norm": .number(matrix.change.frobeniusNorm),
      "nuclear_norm": .number(matrix.change.values.reduce(0, +)),
      "stable_rank": .number(matrix.change.stableRank),
      "relative_change": .number(matrix.relativeChange),
      "rounding_deviation": .number(matrix.floor.deviation),
      "noise_edge": .number(matrix.floor.edge),
      "rank_above_noise": .integer(matrix.denoised.values.count),
    ]
    for (key, spectrum) in [
      ("change", matrix.change), ("above_noise", matrix.denoised), ("base", matrix.base),
      ("tuned", matrix.tuned),
    ] {
      json.set(
        "rank_\(key)",
        to: [
          "50": .integer(spectrum.rank(at: 0.5)), "90": .integer(spectrum.rank(at: 0.9)),
          "99": .integer(spectrum.rank(at: 0.99)),
        ])
    }
    if let intruders = matrix.intruders {
      json.set(
        "intruders",
        to: [
          "places": .array(intruders.places.map { .integer($0) }),
          "likeness": .array(intruders.likeness.map { .number($0) }),
          "in_leading": .array(intruders.inLeading.map { .number($0) }),
        ])
    }
    return json
  }
}

extension Spectrum {
  /// The least rank with a share of Σσ².
  fileprivate func rank(at share: Double) -> Int { RankRule.energy(share).rank(of: self) ?? 0 }
  fileprivate var rank90: Int { rank(at: 0.9) }
  /// ‖Δ‖_F² / ‖Δ‖₂²
  fileprivate var stableRank: Double {
    spectralNorm > 0 ? energy / (spectralNorm * spectralNorm) : 0
  }
}

extension TunedSpectrum {
  /// The smaller extent.
  fileprivate var fullRank: Int { min(shape.matrix.rows, shape.matrix.columns) }
  /// ‖Δ‖_F / ‖W_base‖_F
  fileprivate var relativeChange: Double {
    base.frobeniusNorm > 0 ? change.frobeniusNorm / base.frobeniusNorm : .infinity
  }
}
