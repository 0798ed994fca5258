internal import Adapters

/// One value a module, arranged by layer and by the module's place in its layer.
struct LayerGrid {
  private(set) var rows: [String] = []
  private(set) var columns: [String] = []
  private(set) var values: [[Double?]] = []

  /// Arranges modules, which come in the order of their paths; of several values for one place the
  /// largest stays.
  init(_ modules: [(target: TargetModule, value: Double?)]) {
    let places = modules.map { LayerPlace($0.target) }
    let stacks = Set(places.filter { $0.layer != nil }.map(\.stack))
    for place in places {
      let row = Self.row(place, isNamed: stacks.count > 1)
      if !rows.contains(row) { rows.append(row) }
      if !columns.contains(place.member) { columns.append(place.member) }
    }
    values = rows.map { _ in columns.map { _ in nil } }
    for (place, module) in zip(places, modules) {
      guard let row = rows.firstIndex(of: Self.row(place, isNamed: stacks.count > 1)),
        let column = columns.firstIndex(of: place.member), let value = module.value
      else { continue }
      values[row][column] = max(values[row][column] ?? -.infinity, value)
    }
    columns = Self.shortened(columns)
  }

  private static func row(_ place: LayerPlace, isNamed: Bool) -> String {
    guard let layer = place.layer else { return "–" }
    return isNamed ? "\(place.stack).\(layer)" : String(layer)
  }

  /// The last segments, where those tell the columns apart.
  private static func shortened(_ columns: [String]) -> [String] {
    let last = columns.map { $0.split(separator: ".").last.map(String.init) ?? $0 }
    return Set(last).count == last.count ? last : columns
  }
}
