internal import Adapters

/// The weights of an adapter or a fine-tune one by one, with the figures of their changes.
struct SpectrumTable<Row: SpectrumRow> {
  let rows: [Row]

  /// The shares of the energy whose ranks are shown.
  static var shares: [Double] { [0.5, 0.9, 0.99] }
  /// How many leading singular values a table has.
  private static var leadingCount: Int { 8 }

  /// Norms of the change as it is stored; ranks of what stands above rounding.
  var lines: [String] {
    let hasBase = rows.contains { $0.relativeNorm != nil }
    let isPaid = rows.contains { $0.rankPaid != nil }
    var table = TextTable(
      header: [
        "weight", isPaid ? "rank" : "of", "used", "σ₁", "‖Δ‖F", "‖Δ‖*", "stable", "eff.",
        "50 %", "90 %", "99 %",
      ] + (hasBase ? ["‖Δ‖/‖W‖"] : []))
    for row in rows {
      var cells = [
        row.target.shortName,
        isPaid ? row.rankPaid.map(String.init) ?? "–" : String(row.fullRank), String(row.usedRank),
      ]
      cells += [
        row.change.spectralNorm, row.change.frobeniusNorm, row.change.nuclearNorm,
        row.aboveNoise.stableRank, row.aboveNoise.effectiveRank,
      ].map(Numbers.significant)
      cells += Self.shares.map { String(row.aboveNoise.rank(atEnergy: $0)) }
      if hasBase { cells.append(row.relativeNorm.map(Numbers.significant) ?? "") }
      table.add(cells)
    }
    return table.fittedLines()
  }

  /// The largest singular values of each.
  var leading: [String] {
    let subscripts = ["₁", "₂", "₃", "₄", "₅", "₆", "₇", "₈"]
    var table = TextTable(header: ["weight"] + subscripts.map { "σ" + $0 })
    for row in rows {
      table.add(
        [row.target.shortName]
          + row.change.values.prefix(Self.leadingCount).map(Numbers.significant))
    }
    return table.fittedLines()
  }
}
