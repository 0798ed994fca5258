internal import Adapters
internal import Files
internal import JSON
internal import Tensors

/// What an adapter is made of, as it is shown.
struct InspectOutput: CommandOutput {
  let inspection: Inspection
  let check: ValueCheck?

  func text(verbose: Bool) -> [String] {
    let adapter = inspection.adapter
    var lines = [
      "adapter     \(adapter.path)",
      "method      \(adapter.method.rawValue), \(adapter.format.rawValue) layout in "
        + adapter.file.format.rawValue,
      "effect      \(effect)",
      "base        "
        + (adapter.declaredBase.map { "\($0) (as the adapter says)" } ?? "not named"),
      "parameters  \(Numbers.grouped(inspection.parameterCount)) in "
        + "\(Numbers.count(adapter.file.tensors.count, "tensor")), \(dtypes), "
        + Numbers.bytes(inspection.byteCount),
    ].map(Terminal.escaped)
    lines += (verbose ? everyUpdate : byKind).lines
    lines += adapter.notes.map { "note: " + Terminal.escaped($0) }
    if let check { lines += check.lines }
    return lines
  }

  /// What kind of effect the updates have, and how they are taken out again.
  private var effect: String {
    let rows = inspection.rows
    let additive = rows.count { $0.isAdditive }
    let ways = Set(rows.map(\.undoing.rawValue)).sorted().joined(separator: ", ")
    let ranks = rows.filter(\.isAdditive).compactMap(\.rank)
    var text =
      additive == rows.count
      ? "added to any base"
      : additive == 0 ? "depends on the base" : "\(additive) of \(rows.count) added to any base"
    if let rank = ranks.max() { text += ", of rank \(rank) at most" }
    return text + "; taken out by \(ways)"
  }

  private var dtypes: String {
    Set(inspection.adapter.file.tensors.map(\.dtype.rawValue)).sorted().joined(separator: " and ")
  }

  private var byKind: TextTable {
    var table = TextTable(header: ["module", "weights", "change", "rank", "scaling", "shape"])
    var keys: [String] = []
    var groups: [String: [Inspection.Row]] = [:]
    for row in inspection.rows {
      let shape = row.extents.map(String.init).joined(separator: "×")
      let scaling = row.scaling.map(Numbers.significant) ?? ""
      let key = "\(row.target.kind)|\(row.kind)|\(row.rank ?? 0)|\(scaling)|\(shape)"
      if groups[key] == nil { keys.append(key) }
      groups[key, default: []].append(row)
    }
    for key in keys {
      guard let group = groups[key], let first = group.first else { continue }
      table.add(
        [first.target.kind, Numbers.grouped(group.count)] + Self.cells(first))
    }
    return table
  }

  private var everyUpdate: TextTable {
    var table = TextTable(header: ["weight", "change", "rank", "scaling", "shape"])
    for row in inspection.rows { table.add([row.target.description] + Self.cells(row)) }
    return table
  }

  private static func cells(_ row: Inspection.Row) -> [String] {
    [
      row.kind, row.rank.map(String.init) ?? "", row.scaling.map(Numbers.significant) ?? "",
      row.extents.map(String.init).joined(separator: "×"),
    ]
  }

  var json: JSONValue {
    let adapter = inspection.adapter
    var json: JSONValue = [
      "schema": "adapterctl.inspect/1", "kind": "adapter",
      "path": .string(adapter.path.text), "format": .string(adapter.format.rawValue),
      "container": .string(adapter.file.format.rawValue),
      "method": .string(adapter.method.rawValue),
      "declared_base": adapter.declaredBase.map { .string($0) } ?? .null,
      "parameters": .integer(inspection.parameterCount),
      "bytes": .integer(inspection.byteCount),
      "tensors": .integer(adapter.file.tensors.count),
      "updates": .array(
        inspection.rows.map { row in
          [
            "module": .string(row.target.module.path),
            "parameter": .string(row.target.parameter),
            "change": .string(row.kind),
            "additive": .bool(row.isAdditive),
            "undone_by": .string(row.undoing.rawValue),
            "rank": row.rank.map { .integer($0) } ?? .null,
            "scaling": row.scaling.map { .number($0) } ?? .null,
            "shape": .array(row.extents.map { .integer($0) }),
            "dtypes": .array(row.dtypes.map { .string($0.rawValue) }),
            "parameters": .integer(row.parameterCount),
          ]
        }),
      "notes": .array(adapter.notes.map { .string($0) }),
    ]
    check?.add(to: &json)
    return json
  }
}

extension TargetParameter {
  /// The module's own name, with the parameter's where that is no weight.
  var kind: String { parameter == "weight" ? module.kind : "\(module.kind).\(parameter)" }
}
