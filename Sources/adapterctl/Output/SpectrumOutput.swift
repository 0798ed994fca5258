internal import Adapters
internal import Files
internal import JSON

/// The singular values of an adapter's changes, as they are shown.
struct SpectrumOutput: CommandOutput {
  let adapter: Adapter
  let inspection: SpectrumInspection
  let order: SpectrumOrder
  let listsAll: Bool
  let limit: Int?

  private typealias Row = SpectrumInspection.Row

  func text(verbose: Bool) -> [String] {
    let rows = inspection.rows
    let norm = rows.reduce(0.0) { $0 + $1.spectrum.energy }.squareRoot()
    let paid = rows.reduce(0) { $0 + $1.paidRank }
    let used = rows.reduce(0) { $0 + $1.usedRank }
    var lines = [Terminal.escaped("adapter   \(adapter.path)")]
    lines += verbose || listsAll ? everyRow : byKind.lines
    lines.append(
      "total     ‖Δ‖ \(Numbers.significant(norm)), rank \(used) used of \(paid) paid for")
    if rows.contains(where: \.hasMagnitudes) {
      lines.append(
        "note: Of DoRA this is the low-rank part; its whole effect depends on the base.")
    }
    if !inspection.others.isEmpty {
      lines.append(
        "note: \(Numbers.count(inspection.others.count, "update")) without factors not shown.")
    }
    return lines
  }

  private var hasBase: Bool { inspection.rows.contains { $0.baseNorm != nil } }

  /// One row for each kind of module: the largest norms and the mean ranks.
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
      func range(_ part: (Row) -> Int) -> String {
        let values = group.map(part)
        let (least, most) = (values.min() ?? 0, values.max() ?? 0)
        return least == most ? "\(least)" : "\(least)–\(most)"
      }
      func root(_ part: (Row) -> Double) -> Double {
        group.reduce(0.0) { $0 + part($1) * part($1) }.squareRoot()
      }
      let norm = root { $0.spectrum.frobeniusNorm }
      let mean = group.reduce(0.0) { $0 + $1.spectrum.stableRank } / Double(group.count)
      var cells = [
        kind, Numbers.grouped(group.count), range(\.paidRank), range(\.usedRank),
        Numbers.significant(group.map(\.spectrum.spectralNorm).max() ?? 0),
        Numbers.significant(norm), Numbers.significant(mean),
      ]
      cells += Self.shares.map { share in range { $0.spectrum.rank(atEnergy: share) } }
      if hasBase {
        let base = root { $0.baseNorm ?? 0 }
        cells.append(base > 0 ? Numbers.significant(norm / base) : "")
      }
      table.add(cells)
    }
    return table
  }

  private static let shares = [0.5, 0.9, 0.99]

  private var everyRow: [String] {
    var table = TextTable(
      header: ["weight", "rank", "used", "σ₁", "‖Δ‖", "nuclear", "stable", "effective"]
        + ["50 %", "90 %", "99 %"] + (hasBase ? ["‖Δ‖/‖W‖"] : []))
    let rows = order.sorted(inspection.rows)
    for row in rows.prefix(limit ?? .max) {
      let spectrum = row.spectrum
      var cells = [row.target.description, String(row.paidRank), String(row.usedRank)]
      cells += [
        spectrum.spectralNorm, spectrum.frobeniusNorm, spectrum.nuclearNorm, spectrum.stableRank,
        spectrum.effectiveRank,
      ].map(Numbers.significant)
      cells += Self.shares.map { String(spectrum.rank(atEnergy: $0)) }
      if hasBase { cells.append(row.relativeNorm.map(Numbers.significant) ?? "") }
      table.add(cells)
    }
    let hidden = rows.count - min(rows.count, limit ?? .max)
    return table.lines + (hidden > 0 ? ["  … and \(hidden) more"] : [])
  }

  /// One line a weight; singular values in the last field, separated by spaces.
  var csvLines: [String] {
    let header =
      "module,parameter,rows,columns,paid_rank,used_rank,spectral,frobenius,nuclear,stable_rank,"
      + "effective_rank,rank_50,rank_90,rank_99,base_frobenius,relative,singular_values"
    return [header]
      + order.sorted(inspection.rows).prefix(limit ?? .max).map { row in
        let spectrum = row.spectrum
        var fields = [Self.quoted(row.target.module.path), Self.quoted(row.target.parameter)]
        fields += [row.extents.rows, row.extents.columns, row.paidRank, row.usedRank].map(
          String.init)
        fields += [
          spectrum.spectralNorm, spectrum.frobeniusNorm, spectrum.nuclearNorm,
          spectrum.stableRank, spectrum.effectiveRank,
        ].map { "\($0)" }
        fields += Self.shares.map { String(spectrum.rank(atEnergy: $0)) }
        fields += [row.baseNorm, row.relativeNorm].map { $0.map { "\($0)" } ?? "" }
        fields.append(spectrum.values.map { "\($0)" }.joined(separator: " "))
        return fields.joined(separator: ",")
      }
  }

  /// A field as RFC 4180 has it, with control characters spelled out.
  private static func quoted(_ text: String) -> String {
    let safe = Terminal.escaped(text)
    guard safe.contains(where: { ",\" ".contains($0) }) else { return safe }
    return "\"" + safe.map { $0 == "\"" ? "\"\"" : String($0) }.joined() + "\""
  }

  var json: JSONValue {
    [
      "schema": "adapterctl.inspect-spectrum/1", "path": .string(adapter.path.text),
      "method": .string(adapter.method.rawValue),
      "updates": .array(
        order.sorted(inspection.rows).prefix(limit ?? .max).map { row in
          let spectrum = row.spectrum
          return [
            "module": .string(row.target.module.path),
            "parameter": .string(row.target.parameter),
            "shape": [.integer(row.extents.rows), .integer(row.extents.columns)],
            "coverage": .string(row.hasMagnitudes ? "low-rank part" : "whole"),
            "paid_rank": .integer(row.paidRank), "used_rank": .integer(row.usedRank),
            "spectral": .number(spectrum.spectralNorm),
            "frobenius": .number(spectrum.frobeniusNorm),
            "nuclear": .number(spectrum.nuclearNorm),
            "stable_rank": .number(spectrum.stableRank),
            "effective_rank": .number(spectrum.effectiveRank),
            "effective_rank_energy": .number(spectrum.effectiveEnergyRank),
            "participation_ratio": .number(spectrum.participationRatio),
            "rank_50": .integer(spectrum.rank(atEnergy: 0.5)),
            "rank_90": .integer(spectrum.rank(atEnergy: 0.9)),
            "rank_99": .integer(spectrum.rank(atEnergy: 0.99)),
            "base_frobenius": row.baseNorm.map { .number($0) } ?? .null,
            "relative": row.relativeNorm.map { .number($0) } ?? .null,
            "singular_values": .array(spectrum.values.map { .number($0) }),
          ]
        }),
      "others": .array(inspection.others.map { .string($0.description) }),
    ]
  }
}
