internal import Adapters
internal import JSON
internal import Tensors

/// The updates of a comparison, by the kind of their module or one by one.
struct DiffUpdates {
  let difference: AdapterDifference
  let order: DifferenceOrder
  let limit: Int?

  func lines(listsAll: Bool) -> [String] {
    var lines = listsAll ? everyUpdate : byKind.lines
    if let total = difference.totalNorms { lines.append("‖Δ‖      " + Self.sentence(total)) }
    if let total = difference.totalMagnitudes { lines.append("‖m‖      " + Self.sentence(total)) }
    return lines
  }

  private static func sentence(_ norms: DifferenceNorms) -> String {
    "\(Numbers.significant(norms.old)) → \(Numbers.significant(norms.new)), "
      + "‖new − old‖ \(Numbers.significant(norms.distance))"
      + (norms.relative.map { ", relative \(Numbers.significant($0))" } ?? "")
  }

  private var byKind: TextTable {
    var table = TextTable(
      header: [
        "module", "weights", "state", "rank", "‖old‖", "‖new‖", "‖new − old‖", "worst", "at",
      ])
    var keys: [String] = []
    var groups: [String: [UpdateDifference]] = [:]
    for update in difference.updates {
      let key = "\(update.target.kind)|\(update.state)|\(update.change)|\(update.rank)"
      if groups[key] == nil { keys.append(key) }
      groups[key, default: []].append(update)
    }
    for key in keys {
      guard let group = groups[key], let first = group.first else { continue }
      func root(_ part: (DifferenceNorms) -> Double) -> String {
        let norms = group.compactMap(\.norms)
        guard norms.count == group.count else { return "" }
        return Numbers.significant(
          norms.reduce(0.0) { $0 + part($1) * part($1) }.squareRoot())
      }
      let worst = group.filter { $0.relative != nil }.max {
        ($0.relative ?? 0) < ($1.relative ?? 0)
      }
      table.add(
        [
          first.target.kind, Numbers.grouped(group.count), first.word, first.rank,
          first.coverage == .oneSide && first.old == nil ? "" : root(\.old),
          first.coverage == .oneSide && first.new == nil ? "" : root(\.new),
          first.coverage == .oneSide ? "" : root(\.distance),
          worst?.relative.map(Numbers.significant) ?? "",
          worst.map { $0.target.module.path } ?? "",
        ])
    }
    return table
  }

  private var everyUpdate: [String] {
    let rows = order.sorted(difference.updates) {
      order.key($0.norms, isOneSided: $0.coverage == .oneSide)
    }
    var table = TextTable(
      header: [
        "weight", "state", "change", "rank", "‖old‖", "‖new‖", "‖new − old‖", "relative",
      ])
    for row in rows.prefix(limit ?? .max) {
      func cell(_ part: KeyPath<DifferenceNorms, Double>, _ isThere: Bool) -> String {
        guard isThere, let norms = row.norms else { return "" }
        return Numbers.significant(norms[keyPath: part])
      }
      table.add(
        [
          row.target.description, row.word, row.change, row.rank, cell(\.old, row.old != nil),
          cell(\.new, row.new != nil), cell(\.distance, row.coverage != .oneSide),
          row.relative.map(Numbers.significant) ?? "",
        ])
    }
    let hidden = rows.count - min(rows.count, limit ?? .max)
    return table.lines + (hidden > 0 ? ["  … and \(hidden) more"] : [])
  }
}

extension UpdateDifference {
  /// What became of the update, in a word.
  var state: String {
    if old == nil { return "added" }
    if new == nil { return "removed" }
    return isIdentical ? "same" : "changed"
  }

  /// The state as tables show it: two updates that cannot be measured against one another say why.
  var word: String {
    guard coverage == .none else { return state }
    return old?.kind == new?.kind ? "other shape" : change
  }

  /// The kinds of change, `delta` or `delta → replacement`.
  var change: String { Self.pair(old?.kind, new?.kind) }

  /// The ranks, `8` or `8 → 32`.
  var rank: String { Self.pair(old?.rank.map(String.init), new?.rank.map(String.init)) }

  private static func pair(_ old: String?, _ new: String?) -> String {
    guard let old, let new, old != new else { return new ?? old ?? "" }
    return "\(old) → \(new)"
  }

  var json: JSONValue {
    [
      "module": .string(target.module.path), "parameter": .string(target.parameter),
      "state": .string(state), "identical": .bool(isIdentical),
      "old": old.map(\.differenceJSON) ?? .null, "new": new.map(\.differenceJSON) ?? .null,
      "coverage": .string(coverage.rawValue), "norms": norms.map(\.json) ?? .null,
      "magnitudes": magnitudes.map(\.json) ?? .null,
    ]
  }
}

extension Inspection.Row {
  fileprivate var differenceJSON: JSONValue {
    [
      "change": .string(kind), "rank": rank.map { .integer($0) } ?? .null,
      "scaling": scaling.map { .number($0) } ?? .null,
      "shape": .array(extents.map { .integer($0) }),
      "dtypes": .array(dtypes.map { .string($0.rawValue) }),
    ]
  }
}

extension DifferenceNorms {
  /// The norms; null where one is not finite.
  var json: JSONValue {
    func number(_ value: Double?) -> JSONValue {
      value.flatMap { $0.isFinite ? .number($0) : nil } ?? .null
    }
    return [
      "old": number(old), "new": number(new), "distance": number(distance),
      "relative": number(relative), "error_bound": number(errorBound),
    ]
  }
}
