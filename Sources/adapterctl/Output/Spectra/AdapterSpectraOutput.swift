internal import Adapters
internal import Files
internal import JSON

/// The singular values of an adapter's changes, as they are shown.
struct AdapterSpectraOutput: SpectraOutput {
  let adapter: Adapter
  /// The base as the user named it; nil where none was given.
  let base: String?
  let inspection: SpectrumInspection
  let selection: SpectrumSelection

  private typealias Row = SpectrumInspection.Row

  func text(verbose: Bool) -> [String] {
    let shown = selection.rows(of: inspection.rows)
    var lines = [Terminal.escaped("adapter   \(adapter.path)")]
    if verbose || selection.listsAll {
      lines += SpectrumTable(rows: shown).lines + selection.rest(of: inspection.rows)
      if verbose { lines += SpectrumTable(rows: shown).leading }
    } else {
      lines += byKind.fittedLines()
    }
    lines.append(
      "total     ‖Δ‖ \(Numbers.significant(norm)), rank \(usedRank) used"
        + (paidRank > 0 ? " of \(paidRank) paid for" : ""))
    if inspection.rows.contains(where: \.hasMagnitudes) {
      lines.append(
        "note: Of DoRA this is the low-rank part; its whole effect depends on the base.")
    }
    let bound = inspection.rows.count(where: \.dependsOnBase)
    if bound > 0 {
      lines.append(
        "note: What \(Numbers.count(bound, "update")) \(bound == 1 ? "makes" : "make") of this base "
          + "is shown, W' − W; of another it is another.")
    }
    if !inspection.others.isEmpty {
      lines.append(
        "note: \(Numbers.count(inspection.others.count, "update")) without factors not shown.")
    }
    return lines
  }

  private var norm: Double {
    inspection.rows.reduce(0.0) { $0 + $1.spectrum.energy }.squareRoot()
  }
  private var usedRank: Int { inspection.rows.reduce(0) { $0 + $1.usedRank } }
  private var paidRank: Int { inspection.rows.reduce(0) { $0 + ($1.paidRank ?? 0) } }
  private var hasBase: Bool { inspection.rows.contains { $0.baseNorm != nil } }

  /// One row for each kind of module: the largest σ₁, the norm of all together, ranks from the least
  /// to the most and the mean stable rank.
  private var byKind: TextTable {
    var table = TextTable(
      header: ["module", "weights", "rank", "used", "σ₁", "‖Δ‖", "stable", "50 %", "90 %", "99 %"]
        + (hasBase ? ["‖Δ‖/‖W‖"] : []))
    var kinds: [String] = []
    var groups: [String: [Row]] = [:]
    for row in inspection.rows {
      let kind = row.target.kind
      if groups[kind] == nil { kinds.append(kind) }
      groups[kind, default: []].append(row)
    }
    for kind in kinds {
      let group = groups[kind] ?? []
      func root(_ part: (Row) -> Double) -> Double {
        group.reduce(0.0) { $0 + part($1) * part($1) }.squareRoot()
      }
      let norm = root { $0.spectrum.frobeniusNorm }
      let paid = group.compactMap(\.paidRank)
      let mean = group.reduce(0.0) { $0 + $1.spectrum.stableRank } / Double(group.count)
      var cells = [
        kind, Numbers.grouped(group.count), paid.isEmpty ? "–" : Numbers.range(paid),
        Numbers.range(group.map(\.usedRank)),
        Numbers.significant(group.map(\.spectrum.spectralNorm).max() ?? 0),
        Numbers.significant(norm), Numbers.significant(mean),
      ]
      cells += SpectrumTable<Row>.shares.map { share in
        Numbers.range(group.map { $0.spectrum.rank(atEnergy: share) })
      }
      if hasBase {
        let base = root { $0.baseNorm ?? 0 }
        cells.append(base > 0 ? Numbers.significant(norm / base) : "")
      }
      table.add(cells)
    }
    return table
  }

  var csvLines: [String] {
    SpectrumCSV(
      rows: selection.rows(of: inspection.rows),
      further: (["coverage"], { [Self.coverage(of: $0)] })
    ).lines
  }

  private static func coverage(of row: Row) -> String {
    row.hasMagnitudes ? "low-rank part" : "whole"
  }

  var json: JSONValue {
    var json = InspectOutput(inspection: Inspection(adapter), check: nil).json
    json.set(
      "spectrum",
      to: [
        "base": base.map { .string($0) } ?? .null,
        "total": [
          "frobenius": .number(norm), "paid_rank": .integer(paidRank),
          "used_rank": .integer(usedRank),
        ],
        "weights": .array(
          selection.rows(of: inspection.rows).map { row in
            var json = row.json
            json.set("coverage", to: .string(Self.coverage(of: row)))
            json.set("depends_on_base", to: .bool(row.dependsOnBase))
            return json
          }),
        "without_factors": .array(inspection.others.map { .string($0.description) }),
      ])
    return json
  }
}
