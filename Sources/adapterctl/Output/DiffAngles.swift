internal import Adapters
internal import Compute

/// How the leading singular subspaces of two adapters' updates lie to one another.
struct DiffAngles {
  let updates: [UpdateDifference]

  func lines(listsAll: Bool, _ style: DiffStyle) -> [String] {
    var table = TextTable(
      header: [
        listsAll ? "weight" : "module", "vectors", "φ left", "random", "φ right", "random",
        "angle left", "angle right",
      ])
    if listsAll {
      let rows = style.order.sorted(updates) { style.order.key($0, style.norm) }
      for row in rows.prefix(style.limit ?? .max) {
        guard let angles = row.measures?.angles else { continue }
        table.add([row.target.shortName] + cells([angles]))
      }
      return table.fittedLines()
    }
    var kinds: [String] = []
    var groups: [String: [(left: SubspaceAngles, right: SubspaceAngles)]] = [:]
    for update in updates {
      guard let angles = update.measures?.angles else { continue }
      if groups[update.target.kind] == nil { kinds.append(update.target.kind) }
      groups[update.target.kind, default: []].append(angles)
    }
    for kind in kinds { table.add([kind] + cells(groups[kind] ?? [])) }
    return table.fittedLines()
  }

  /// Means of φ and of what it is by chance, and the least angles.
  private func cells(_ group: [(left: SubspaceAngles, right: SubspaceAngles)]) -> [String] {
    func mean(_ values: [Double]) -> String {
      values.isEmpty ? "" : Numbers.significant(values.reduce(0, +) / Double(values.count))
    }
    func least(_ values: [Double]) -> String {
      values.min().map { Numbers.significant($0 * 180 / .pi) + "°" } ?? ""
    }
    let counts = Set(group.map { Swift.min($0.left.oldCount, $0.left.newCount) }).sorted()
    let vectors = [counts.first, counts.count > 1 ? counts.last : nil].compactMap { $0 }
    return [
      vectors.map(String.init).joined(separator: "–"), mean(group.compactMap(\.left.overlap)),
      mean(group.map(\.left.randomOverlap)), mean(group.compactMap(\.right.overlap)),
      mean(group.map(\.right.randomOverlap)), least(group.flatMap(\.left.angles)),
      least(group.flatMap(\.right.angles)),
    ]
  }
}
