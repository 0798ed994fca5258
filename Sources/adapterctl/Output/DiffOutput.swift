internal import Adapters
internal import Compute
internal import Files
internal import JSON

/// A comparison of two adapters or models, as it is shown.
struct DiffOutput: CommandOutput {
  let comparison: Comparison
  let style: DiffStyle

  /// What is said where nothing differs.
  static let nothing = "no difference"

  /// Whether the two differ, as an exit code tells it.
  var differs: Bool {
    guard let tolerance = style.tolerance else { return !comparison.isEmpty }
    return comparison.countBeyond(tolerance, style.norm) > 0
  }

  func text(verbose: Bool) -> [String] {
    let (old, new) = (comparison.old, comparison.new)
    var lines = [
      "old      \(old.path) (\(old.recognition.word))",
      "new      \(new.path) (\(new.recognition.word))",
    ].map(Terminal.escaped)
    guard !comparison.isEmpty else { return lines + [Self.nothing] + notes }
    if !comparison.configuration.isEmpty { lines += settings.fittedLines() }
    if let adapters = comparison.adapters {
      lines += DiffUpdates(difference: adapters, style: style)
        .lines(listsAll: verbose || style.listsAll)
    }
    lines.append("tensors  " + counts)
    if comparison.adapters == nil, !comparison.tensors.changed.isEmpty {
      lines += DiffTensors(difference: comparison.tensors, style: style)
        .lines(limit: style.limit ?? (verbose || style.listsAll ? .max : 20))
    }
    if let tolerance = style.tolerance {
      let count = comparison.countBeyond(tolerance, style.norm)
      let share = Numbers.significant(tolerance)
      lines.append(
        count == 0
          ? "equal    within \(share) of ‖old‖"
          : "beyond   \(Numbers.count(count, comparison.adapters == nil ? "tensor" : "weight")) "
            + "by more than \(share) of ‖old‖")
    }
    return lines + notes
  }

  private var notes: [String] { comparison.notes.map { "note: " + Terminal.escaped($0) } }

  /// `42 changed, 21 added`
  private var counts: String {
    ["changed", "added", "removed", "same"].compactMap { state in
      let count = comparison.tensors.tensors.count { $0.state == state }
      return count == 0 ? nil : "\(Numbers.grouped(count)) \(state)"
    }.joined(separator: ", ")
  }

  private var settings: TextTable { Self.table(of: comparison.configuration) }

  /// Settings that differ, as a table.
  static func table(of changes: [ConfigurationChange]) -> TextTable {
    func short(_ value: JSONValue?) -> String {
      guard let text = value?.text() else { return "–" }
      return text.count > 32 ? text.prefix(31) + "…" : text
    }
    var table = TextTable(header: ["setting", "old", "new"])
    for change in changes {
      table.add([change.key, short(change.old), short(change.new)])
    }
    return table
  }

  /// A setting that differs.
  static func json(_ change: ConfigurationChange) -> JSONValue {
    var json: JSONValue = ["key": .string(change.key)]
    if let old = change.old { json.set("old", to: old) }
    if let new = change.new { json.set("new", to: new) }
    return json
  }

  var json: JSONValue {
    var json: JSONValue = [
      "schema": "adapterctl.diff/1", "identical": .bool(comparison.isEmpty),
      "compared": comparison.adapters == nil ? "tensors" : "updates",
      "old": Self.side(comparison.old), "new": Self.side(comparison.new),
      "settings": .array(
        comparison.configuration.map(Self.json)),
    ]
    var tensors = comparison.tensors.tensors
    json.set("norm", to: .string(style.norm.rawValue))
    if let adapters = comparison.adapters {
      let rows = style.order.sorted(adapters.updates) { style.order.key($0, style.norm) }
      json.set("total", to: adapters.totalNorms().map(\.json) ?? .null)
      let totals = Dictionary(
        uniqueKeysWithValues: Set([style.norm, .frobenius]).compactMap { norm in
          adapters.totalNorms(norm).map { (norm, $0) }
        })
      json.set("totals", to: .object(totals.members))
      json.set("cosine", to: adapters.totalCosine.map { .number($0) } ?? .null)
      json.set("updates", to: .array(rows.prefix(style.limit ?? .max).map(\.json)))
    } else {
      tensors = DiffTensors(difference: comparison.tensors, style: style).ordered(tensors)
      tensors = Array(tensors.prefix(style.limit ?? .max))
    }
    if let tolerance = style.tolerance {
      json.set("tolerance", to: .number(tolerance))
      json.set("beyond_tolerance", to: .integer(comparison.countBeyond(tolerance, style.norm)))
    }
    json.set(
      "tensors",
      to: .array(tensors.map { $0.json(withMeasures: comparison.adapters == nil) }))
    json.set("notes", to: .array(comparison.notes.map { .string($0) }))
    return json
  }

  private static func side(_ side: ComparedSide) -> JSONValue {
    ["path": .string(side.path.text), "kind": .string(side.recognition.word)]
  }
}

extension AdapterRecognition {
  /// A word for tables and scripts: the method of an adapter, the name of its layout.
  var word: String {
    switch self {
    case .adapter(_, let method, _): return method.rawValue
    case .foreignAdapter(let layout, _, _): return layout
    case .checkpoint: return "model"
    case .mergedModel: return "merged model"
    case .unreadable: return "unreadable"
    case .other: return "other"
    }
  }
}
