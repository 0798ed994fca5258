internal import Adapters
internal import Files
internal import JSON

/// A comparison of two adapters or models, as it is shown.
struct DiffOutput: CommandOutput {
  let comparison: Comparison
  let order: DifferenceOrder
  /// How many rows are listed; nil for all.
  let limit: Int?
  /// Whether every weight is listed also without being asked for more words.
  let listsAll: Bool

  func text(verbose: Bool) -> [String] {
    let (old, new) = (comparison.old, comparison.new)
    var lines = [
      "old      \(old.path) (\(old.recognition.word))",
      "new      \(new.path) (\(new.recognition.word))",
    ].map(Terminal.escaped)
    guard !comparison.isEmpty else { return lines + ["no difference"] + notes }
    if !comparison.configuration.isEmpty { lines += settings.lines }
    if let adapters = comparison.adapters {
      lines += DiffUpdates(difference: adapters, order: order, limit: limit)
        .lines(listsAll: verbose || listsAll)
    }
    lines.append("tensors  " + counts)
    if comparison.adapters == nil, !comparison.tensors.changed.isEmpty {
      lines += DiffTensors(difference: comparison.tensors, order: order)
        .lines(limit: limit ?? (verbose || listsAll ? .max : 20))
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
      return text.count > 40 ? text.prefix(39) + "…" : text
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
    if let adapters = comparison.adapters {
      let rows = order.sorted(adapters.updates) {
        order.key($0.norms, isOneSided: $0.coverage == .oneSide)
      }
      json.set("total", to: adapters.totalNorms.map(\.json) ?? .null)
      json.set("updates", to: .array(rows.prefix(limit ?? .max).map(\.json)))
    } else {
      tensors = DiffTensors(difference: comparison.tensors, order: order).ordered(tensors)
      tensors = Array(tensors.prefix(limit ?? .max))
    }
    json.set("tensors", to: .array(tensors.map(\.json)))
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
