internal import Adapters
internal import Digests
internal import Files
internal import JSON

/// How adapters lie to one another, as it is shown.
struct OverlapOutput: CommandOutput {
  let overlap: AdapterOverlap

  /// Shows it, as comma-separated values on request.
  func show(_ options: GlobalOptions, asCSV: Bool) {
    guard asCSV else { return show(options) }
    for line in csvLines { Terminal.write(line) }
  }

  func text(verbose: Bool) -> [String] {
    var members = TextTable(header: ["adapter", "weight", "weights", "‖Δ‖"])
    for (place, member) in overlap.members.enumerated() {
      members.add([
        "\(place + 1)  \(member.adapter.path)", Numbers.significant(member.weight),
        Numbers.grouped(overlap.weights.count { $0.norms[place] != nil }),
        Numbers.significant(overlap.norm(of: place)),
      ])
    }
    var lines = members.lines
    if let old = overlap.ancestor {
      lines.append(Terminal.escaped("note: Changes since \(old.adapter.path) are compared."))
    }
    lines += pairs.lines
    lines += byWeight(listsAll: verbose).lines
    let (sum, orthogonal) = (overlap.sumNorm, overlap.orthogonalNorm)
    lines.append(
      "sum       ‖ΣwΔ‖ \(Numbers.significant(sum)), "
        + (orthogonal > 0 ? "\(Numbers.significant(sum / orthogonal)) of " : "")
        + "√Σ‖wΔ‖² \(Numbers.significant(orthogonal)), that of adapters at right angles")
    return lines
  }

  private var pairs: TextTable {
    var table = TextTable(header: [
      "pair", "weights", "cosine", "outputs", "random", "inputs", "random", "conflicts",
    ])
    for pair in overlap.pairs(of: overlap.weights) {
      let common = overlap.weights.count {
        $0.norms[pair.first] != nil && $0.norms[pair.second] != nil
      }
      table.add(
        ["\(pair.first + 1) and \(pair.second + 1)", Numbers.grouped(common)] + Self.cells(pair))
    }
    return table
  }

  private static func cells(_ pair: PairOverlap) -> [String] {
    [
      pair.cosine, pair.outputs.similarity, pair.outputs.randomSimilarity, pair.inputs.similarity,
      pair.inputs.randomSimilarity,
    ].map { $0.map(Numbers.significant) ?? "" }
      + [pair.conflictShare.map(Numbers.percent) ?? ""]
  }

  /// Each kind of module, or each weight: the range over all pairs, and the norm of the sum.
  private func byWeight(listsAll: Bool) -> TextTable {
    var table = TextTable(header: [
      listsAll ? "weight" : "module", "weights", "cosine", "outputs", "inputs", "conflicts",
      "‖ΣwΔ‖", "/√Σ‖wΔ‖²",
    ])
    var keys: [String] = []
    var groups: [String: [WeightOverlap]] = [:]
    for weight in overlap.weights {
      let key = listsAll ? weight.weight.target.description : weight.weight.target.kind
      if groups[key] == nil { keys.append(key) }
      groups[key, default: []].append(weight)
    }
    for key in keys {
      let group = groups[key] ?? []
      let pairs = overlap.pairs(of: group)
      func root(_ part: (WeightOverlap) -> Double) -> Double {
        group.reduce(0) { $0 + part($1) * part($1) }.squareRoot()
      }
      let (sum, orthogonal) = (root(\.sumNorm), root(\.orthogonalNorm))
      let all = group.reduce(0) { $0 + $1.elementCount }
      let conflicts = group.reduce(0) { $0 + $1.conflictCount }
      table.add([
        key, Numbers.grouped(group.count), Self.range(pairs.compactMap(\.cosine)),
        Self.range(pairs.compactMap(\.outputs.similarity)),
        Self.range(pairs.compactMap(\.inputs.similarity)),
        all > 0 ? Numbers.percent(Double(conflicts) / Double(all)) : "",
        Numbers.significant(sum), orthogonal > 0 ? Numbers.significant(sum / orthogonal) : "",
      ])
    }
    return table
  }

  private static func range(_ values: [Double]) -> String {
    guard let least = values.min(), let most = values.max() else { return "" }
    let (low, high) = (Numbers.significant(least), Numbers.significant(most))
    return low == high ? low : "\(low) … \(high)"
  }
}

extension OverlapOutput {
  var json: JSONValue {
    [
      "schema": "adapterctl.combine-analysis/1",
      "adapters": .array(
        overlap.members.enumerated().map { place, member in
          [
            "path": .string(member.adapter.path.text), "weight": .number(member.weight),
            "method": .string(member.adapter.method.rawValue),
            "id": .string(member.id.description), "norm": .number(overlap.norm(of: place)),
          ]
        }),
      "three_way": overlap.ancestor.map { .string($0.adapter.path.text) } ?? .null,
      "sum_norm": .number(overlap.sumNorm), "orthogonal_norm": .number(overlap.orthogonalNorm),
      "pairs": .array(overlap.pairs(of: overlap.weights).map(Self.json)),
      "weights": .array(
        overlap.weights.map { weight in
          let places = weight.norms.keys.sorted()
          return [
            "module": .string(weight.weight.target.module.path),
            "parameter": .string(weight.weight.target.parameter),
            "shape": [
              .integer(weight.weight.extents.rows), .integer(weight.weight.extents.columns),
            ],
            "members": .array(places.map { .integer($0) }),
            "norms": .array(places.map { .number(weight.norms[$0] ?? 0) }),
            "ranks": .array(places.map { .integer(weight.ranks[$0] ?? 0) }),
            "sum_norm": .number(weight.sumNorm),
            "orthogonal_norm": .number(weight.orthogonalNorm),
            "elements": .integer(weight.elementCount),
            "sign_conflicts": .integer(weight.conflictCount),
            "pairs": .array(pairs(of: weight).map(Self.json)),
          ]
        }),
      "notes": .array(overlap.notes.map { .string($0) }),
    ]
  }

  /// The pairs of members that both have a weight.
  private func pairs(of weight: WeightOverlap) -> [PairOverlap] {
    overlap.pairs(of: [weight]).filter {
      weight.norms[$0.first] != nil && weight.norms[$0.second] != nil
    }
  }

  private static func json(_ pair: PairOverlap) -> JSONValue {
    func number(_ value: Double?) -> JSONValue { value.map { .number($0) } ?? .null }
    return [
      "first": .integer(pair.first), "second": .integer(pair.second),
      "cosine": number(pair.cosine), "inner_product": .number(pair.innerProduct),
      "output_overlap": number(pair.outputs.similarity),
      "random_output_overlap": number(pair.outputs.randomSimilarity),
      "input_overlap": number(pair.inputs.similarity),
      "random_input_overlap": number(pair.inputs.randomSimilarity),
      "shared_entries": .integer(pair.sharedCount),
      "sign_conflicts": .integer(pair.opposedCount),
    ]
  }

  /// One line for each weight and pair.
  private var csvLines: [String] {
    let header = [
      "module", "parameter", "rows", "columns", "first", "second", "first_norm", "second_norm",
      "cosine", "output_overlap", "random_output_overlap", "input_overlap", "random_input_overlap",
      "shared_entries", "sign_conflicts", "sum_norm", "orthogonal_norm",
    ]
    return [CSV.line(header)]
      + overlap.weights.flatMap { weight in
        pairs(of: weight).map { pair in
          let target = weight.weight.target
          let (rows, columns) = weight.weight.extents
          var cells = [target.module.path, target.parameter, "\(rows)", "\(columns)"]
          cells += [pair.first, pair.second].map { overlap.members[$0].adapter.path.text }
          cells += [
            weight.norms[pair.first], weight.norms[pair.second], pair.cosine,
            pair.outputs.similarity, pair.outputs.randomSimilarity, pair.inputs.similarity,
            pair.inputs.randomSimilarity,
          ].map(CSV.number)
          cells += ["\(pair.sharedCount)", "\(pair.opposedCount)"]
          cells += [weight.sumNorm, weight.orthogonalNorm].map { CSV.number($0) }
          return CSV.line(cells)
        }
      }
  }
}
