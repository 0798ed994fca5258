internal import Adapters
internal import Compute
internal import Tensors

/// The updates of a comparison, by the kind of their module or one by one.
struct DiffUpdates {
  let difference: AdapterDifference
  let style: DiffStyle

  func lines(listsAll: Bool) -> [String] {
    var lines = listsAll ? everyUpdate : byKind.fittedLines(shortening: 9)
    if difference.updates.contains(where: { $0.measures?.angles != nil }) {
      lines += DiffAngles(updates: difference.updates).lines(listsAll: listsAll, style)
    }
    let norms = style.norm == .frobenius ? [.frobenius] : [style.norm, .frobenius]
    for norm in norms {
      guard let total = difference.totalNorms(norm) else { continue }
      lines.append(
        Self.line(norm.symbol(of: "Δ"), total)
          + (norm == .frobenius
            ? difference.totalCosine.map { ", cosine \(Numbers.significant($0))" } ?? "" : ""))
    }
    if let total = difference.totalMagnitudes { lines.append(Self.line("‖m‖", total)) }
    return lines
  }

  /// The beginning of a line about norms.
  static func label(_ symbol: String) -> String {
    symbol + String(repeating: " ", count: max(1, 9 - symbol.count))
  }

  /// Norms of all weights together.
  static func line(_ symbol: String, _ norms: DifferenceNorms) -> String {
    label(symbol)
      + "\(Numbers.significant(norms.old)) → \(Numbers.significant(norms.new)), "
      + "‖new − old‖ \(Numbers.significant(norms.distance))"
      + (norms.relative.map { ", relative \(Numbers.significant($0))" } ?? "")
  }

  private var byKind: TextTable {
    var table = TextTable(
      header: [
        "module", "weights", "state", "rank", "‖old‖", "‖new‖", "‖new − old‖", "cosine", "worst",
        "in",
      ] + (hasBase ? ["/‖W‖"] : []))
    var keys: [String] = []
    var groups: [String: [UpdateDifference]] = [:]
    for update in difference.updates {
      let key = "\(update.target.kind)|\(update.state)|\(update.change)|\(update.rank)"
      if groups[key] == nil { keys.append(key) }
      groups[key, default: []].append(update)
    }
    for key in keys {
      guard let group = groups[key], let first = group.first else { continue }
      let worst = group.filter { $0.relative(style.norm) != nil }.max {
        ($0.relative(style.norm) ?? 0) < ($1.relative(style.norm) ?? 0)
      }
      let cosine = PairMeasures.cosine(of: group.compactMap(\.measures))
      table.add(
        [first.target.kind, Numbers.grouped(group.count), first.word, first.rank]
          + norms(first, DifferenceNorms(together: measured(group), in: style.norm)) + [
            cosine.map(Numbers.significant) ?? "",
            worst?.relative(style.norm).map(Numbers.significant) ?? "",
            worst.map { $0.target.place } ?? "",
          ] + (hasBase ? [shareOfBase(group)] : []))
    }
    return table
  }

  /// Whether weights of a base were measured beside the changes.
  private var hasBase: Bool { difference.updates.contains { $0.baseNorms != nil } }

  /// ‖new − old‖ / ‖W‖, the largest of a group.
  private func shareOfBase(_ group: [UpdateDifference]) -> String {
    group.compactMap { $0.relativeToBase(style.norm) }.max().map(Numbers.significant) ?? ""
  }

  /// The norms of a group; none where one of its updates was not measured.
  private func measured(_ group: [UpdateDifference]) -> [DifferenceNorms] {
    let norms = group.compactMap { $0.norms(style.norm) }
    return norms.count == group.count ? norms : []
  }

  /// The cells of ‖old‖, ‖new‖ and ‖new − old‖, empty where there is nothing to say.
  private func norms(_ update: UpdateDifference, _ norms: DifferenceNorms?) -> [String] {
    guard let norms else { return ["", "", ""] }
    let reference = style.isRelative ? norms.old : 1
    func cell(_ value: Double, _ isThere: Bool) -> String {
      isThere && reference > 0 ? Numbers.significant(value / reference) : ""
    }
    return [
      cell(norms.old, update.old != nil), cell(norms.new, update.new != nil),
      cell(norms.distance, update.coverage != .oneSide),
    ]
  }

  private var everyUpdate: [String] {
    let rows = style.order.sorted(difference.updates) { style.order.key($0, style.norm) }
    let shown = rows.prefix(style.limit ?? .max)
    let showsChange = shown.contains { $0.change != "delta" }
    var table = TextTable(
      header: ["weight", "state"] + (showsChange ? ["change"] : []) + [
        "rank", "‖old‖", "‖new‖", "‖new − old‖", "relative", "cosine",
      ] + (hasBase ? ["/‖W‖"] : []))
    for row in shown {
      table.add(
        [row.target.shortName, row.word] + (showsChange ? [row.change] : []) + [row.rank]
          + norms(row, row.norms(style.norm)) + [
            row.relative(style.norm).map(Numbers.significant) ?? "",
            row.measures?.cosine.map(Numbers.significant) ?? "",
          ] + (hasBase ? [shareOfBase([row])] : []))
    }
    let hidden = rows.count - shown.count
    return table.fittedLines() + (hidden > 0 ? ["  … and \(hidden) more"] : [])
  }
}

extension TargetParameter {
  /// The module that the target's module stands in, as far as it is no word of its kind; the module
  /// itself where it stands in none.
  var place: String {
    let path = module.path.split(separator: ".").dropLast()
    return path.isEmpty ? module.path : path.joined(separator: ".")
  }

  /// The name, without the `weight` that most have.
  var shortName: String {
    parameter == "weight" && !module.path.isEmpty ? module.path : description
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
}
