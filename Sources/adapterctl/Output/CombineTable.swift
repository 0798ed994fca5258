internal import Adapters

/// What became of the weights of a combination, one by one or by the kind of their module.
struct CombineTable {
  let outcomes: [CombineOutcome]
  /// Whether each weight has a row.
  let isWhole: Bool

  var lines: [String] {
    var table = TextTable(header: header)
    if isWhole {
      for outcome in outcomes { table.add(row(outcome.weight.target.description, [outcome])) }
    } else {
      var kinds: [String] = []
      var groups: [String: [CombineOutcome]] = [:]
      for outcome in outcomes {
        let kind = outcome.weight.target.kind
        if groups[kind] == nil { kinds.append(kind) }
        groups[kind, default: []].append(outcome)
      }
      for kind in kinds { table.add(row(kind, groups[kind] ?? [])) }
    }
    table.add(row("total", outcomes))
    return table.lines
  }

  private var hasTally: Bool { outcomes.contains { $0.figures.tally != nil } }
  private var hasCosine: Bool { outcomes.contains { $0.figures.cosine != nil } }
  private var hasRatio: Bool { outcomes.contains { $0.figures.ratio != nil } }
  private var hasFlatValue: Bool { outcomes.contains { $0.figures.flatValue != nil } }

  private var header: [String] {
    [isWhole ? "weight" : "module"] + (isWhole ? [] : ["weights"]) + ["rank", "‖Δ‖", "left out"]
      + (hasTally ? ["kept", "conflicts"] : []) + (hasCosine ? ["cos"] : [])
      + (hasRatio ? ["t"] : []) + (hasFlatValue ? ["σ"] : [])
  }

  private func row(_ name: String, _ group: [CombineOutcome]) -> [String] {
    func root(_ part: (CombineOutcome) -> Double) -> Double {
      group.reduce(0) { $0 + part($1) * part($1) }.squareRoot()
    }
    let norm = root(\.norm)
    var cells = [name] + (isWhole ? [] : [Numbers.grouped(group.count)])
    cells += [
      Self.range(group.map { Double($0.rank) }, String.init), Numbers.significant(norm),
      norm > 0 ? Numbers.percent(root(\.frobeniusError) / norm) : "",
    ]
    if hasTally { cells += Self.shares(group.compactMap(\.figures.tally)) }
    if hasCosine { cells.append(Self.range(group.compactMap(\.figures.cosine))) }
    if hasRatio { cells.append(Self.range(group.compactMap(\.figures.ratio))) }
    if hasFlatValue { cells.append(Self.range(group.compactMap(\.figures.flatValue))) }
    return cells
  }

  /// The shares of entries that were kept and that are at odds.
  private static func shares(_ tallies: [ElementTally]) -> [String] {
    let all = tallies.reduce(0) { $0 + $1.elementCount }
    let offered = tallies.reduce(0) { $0 + $1.elementCount * $1.memberKept.count }
    let kept = tallies.reduce(0) { $0 + $1.memberKept.reduce(0, +) }
    let conflicts = tallies.reduce(0) { $0 + $1.conflictCount }
    return [
      offered > 0 ? Numbers.percent(Double(kept) / Double(offered)) : "",
      all > 0 ? Numbers.percent(Double(conflicts) / Double(all)) : "",
    ]
  }

  /// `4`, `4–8`
  private static func range(_ values: [Double], _ word: (Int) -> String) -> String {
    guard let least = values.min(), let most = values.max() else { return "" }
    return least == most ? word(Int(least)) : "\(word(Int(least)))–\(word(Int(most)))"
  }

  private static func range(_ values: [Double]) -> String {
    guard let least = values.min(), let most = values.max() else { return "" }
    let (low, high) = (Numbers.significant(least), Numbers.significant(most))
    return low == high ? low : "\(low) … \(high)"
  }
}
