internal import Adapters

/// What a fine-tune changed, by the kind of module and by depth: the ranks that "LoRA Learns Less and
/// Forgets Less" (arXiv 2405.09673) reports of a weight before, of it after and of the change.
struct FineTuneDepths {
  let matrices: [TunedSpectrum]

  /// Of more layers than this, neighbours are told together, in this many parts of the depth.
  private static let partCount = 4

  /// One row for each kind and part: ranks from the least to the most, means of the other figures.
  var lines: [String] {
    let hasIntruders = matrices.contains { $0.intruders != nil }
    var table = TextTable(
      header: [
        "module", "layers", "weights", "W", "W+Δ", "Δ", "above noise", "of", "stable", "‖Δ‖/‖W‖",
      ] + (hasIntruders ? ["intruders"] : []))
    for (module, layers, group) in groups {
      func mean(_ part: (TunedSpectrum) -> Double) -> String {
        Numbers.significant(group.reduce(0.0) { $0 + part($1) } / Double(group.count))
      }
      func ranks(_ spectrum: (TunedSpectrum) -> Spectrum) -> String {
        Numbers.range(group.map { spectrum($0).rank(atEnergy: 0.9) })
      }
      table.add(
        [
          module, layers, Numbers.grouped(group.count), ranks(\.base), ranks(\.tuned),
          ranks(\.change), ranks(\.denoised), Numbers.range(group.map(\.fullRank)),
          mean(\.denoised.stableRank), mean { $0.relativeNorm ?? .infinity },
        ] + (hasIntruders ? [Self.intruders(group)] : []))
    }
    return table.fittedLines()
  }

  /// `3 of 30`
  static func intruders(_ group: [TunedSpectrum]) -> String {
    let all = group.compactMap(\.intruders)
    let found = all.reduce(0) { $0 + $1.places.count }
    return "\(found) of \(all.reduce(0) { $0 + $1.likeness.count })"
  }

  /// The matrices by kind, in the order they come, and those of a kind by parts of the depth.
  private var groups: [(module: String, layers: String, matrices: [TunedSpectrum])] {
    let places = matrices.map { LayerPlace($0.target.module) }
    var layers: [String: Set<Int>] = [:]
    for place in places {
      if let layer = place.layer { layers[place.stack, default: []].insert(layer) }
    }
    let isNamed = layers.count > 1
    var keys: [Key] = []
    var groups: [Key: [TunedSpectrum]] = [:]
    var numbers: [Key: [Int]] = [:]
    for (place, matrix) in zip(places, matrices) {
      let part = place.layer.map { Self.part(of: $0, among: layers[place.stack] ?? []) }
      let stack = isNamed && !place.stack.isEmpty ? place.stack + "." : ""
      let key = Key(module: stack + matrix.target.kind, part: part ?? 0)
      if groups[key] == nil { keys.append(key) }
      groups[key, default: []].append(matrix)
      if let layer = place.layer { numbers[key, default: []].append(layer) }
    }
    var order: [String] = []
    for key in keys where !order.contains(key.module) { order.append(key.module) }
    return order.flatMap { module in
      keys.filter { $0.module == module }.sorted { $0.part < $1.part }.map { key in
        (module, numbers[key].map(Numbers.range) ?? "–", groups[key] ?? [])
      }
    }
  }

  private struct Key: Hashable {
    let module: String
    let part: Int
  }

  private static func part(of layer: Int, among layers: Set<Int>) -> Int {
    let before = layers.count { $0 < layer }
    return layers.count <= partCount ? before : before * partCount / layers.count
  }
}
