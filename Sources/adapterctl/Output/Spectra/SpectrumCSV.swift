internal import Adapters

/// Spectra as comma-separated values: one head for adapters and fine-tunes, which fill further columns.
struct SpectrumCSV<Row: SpectrumRow> {
  let rows: [Row]
  /// The columns that this kind of row has besides.
  var further: (header: [String], cells: (Row) -> [String])?

  private static var figures: [String] {
    [
      "spectral", "frobenius", "nuclear", "stable_rank", "effective_rank", "rank_50", "rank_90",
      "rank_99",
    ]
  }

  private static var header: [String] {
    [
      "module", "parameter", "rows", "columns", "full_rank", "paid_rank", "used_rank",
      "base_frobenius", "relative",
    ] + figures
  }

  /// The head and the lines; singular values stand in one field, separated by spaces.
  var lines: [String] {
    [CSV.line(Self.header + (further?.header ?? []) + ["singular_values"])]
      + rows.map { row in
        var cells = [row.target.module.path, row.target.parameter]
        cells += [row.extents.rows, row.extents.columns, row.fullRank].map(String.init)
        cells += [row.rankPaid.map(String.init) ?? "", String(row.usedRank)]
        cells += [row.baseNorm, row.relativeNorm].map(CSV.number)
        cells += Self.cells(row.change) + (further?.cells(row) ?? [])
        return CSV.line(cells + [CSV.list(row.change.values)])
      }
  }

  /// The names of a further spectrum's figures.
  static func header(_ prefix: String) -> [String] { figures.map { "\(prefix)_\($0)" } }

  /// A spectrum's figures.
  static func cells(_ spectrum: Spectrum) -> [String] {
    [
      spectrum.spectralNorm, spectrum.frobeniusNorm, spectrum.nuclearNorm, spectrum.stableRank,
      spectrum.effectiveRank,
    ].map(CSV.number)
      + SpectrumTable<Row>.shares.map { String(spectrum.rank(atEnergy: $0)) }
  }
}
