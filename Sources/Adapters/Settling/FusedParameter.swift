internal import Tensors

/// A parameter `[E, p, q]` as models have it in memory, and where a base's files keep it: as one
/// tensor, or as tensors of single experts, whose rows may be divided among several.
struct FusedParameter {
  /// E
  let count: Int
  /// p
  let rows: Int
  /// q
  let columns: Int
  /// Whether it is a single matrix `[p, q]`.
  let isMatrix: Bool
  private let places: Places

  private enum Places {
    /// One tensor.
    case whole(TargetParameter)
    /// For each expert the tensors that its rows are divided among, with their number of rows.
    case experts([[(target: TargetParameter, rows: Int)]])
  }

  /// Finds a parameter; nil where the base has it in no known form.
  init?(_ target: TargetParameter, on base: BaseView) {
    for whole in Self.wholes(target) {
      guard let shape = base.shape(of: whole), 2...3 ~= shape.rank else { continue }
      let extents = shape.extents
      isMatrix = extents.count == 2
      (count, rows, columns) =
        isMatrix
        ? (1, extents[0], extents[1]) : (extents[0], extents[1], extents[2])
      places = .whole(whole)
      return
    }
    for container in Self.containers(target.module) {
      for parts in Self.parts(target.parameter) {
        guard let experts = Self.experts(in: container, parts, base) else { continue }
        (count, rows, columns) = (experts.places.count, experts.rows, experts.columns)
        isMatrix = false
        places = .experts(experts.places)
        return
      }
    }
    return nil
  }

  /// The names under which a fused tensor may stand.
  private static func wholes(_ target: TargetParameter) -> [TargetParameter] {
    let linear = ["gate_up_proj": "input_linear", "down_proj": "output_linear"]
    var found = containers(target.module).map { TargetParameter($0, target.parameter) }
    if let name = linear[target.parameter] {
      for module in containers(target.module) where module.kind == "experts" {
        found.append(TargetParameter(TargetModule(module.path.dropLast(7) + name)))
      }
    }
    return found
  }

  /// The module under the names of memory and of files.
  private static func containers(_ module: TargetModule) -> [TargetModule] {
    let ending = ".mlp.experts"
    guard module.path.hasSuffix(ending) else { return [module] }
    return [module]
      + [".block_sparse_moe.experts", ".feed_forward.experts"].map {
        TargetModule(module.path.dropLast(ending.count) + $0)
      }
  }

  /// The layers that a fused parameter's rows are divided among, in their order.
  private static func parts(_ parameter: String) -> [[String]] {
    switch parameter {
    case "gate_up_proj": return [["gate_proj", "up_proj"], ["w1", "w3"]]
    case "down_proj": return [["down_proj"], ["w2"]]
    default: return []
    }
  }

  private static func experts(
    in container: TargetModule, _ parts: [String], _ base: BaseView
  ) -> (places: [[(target: TargetParameter, rows: Int)]], rows: Int, columns: Int)? {
    var places: [[(target: TargetParameter, rows: Int)]] = []
    var extents: [[Int]] = []
    while true {
      let targets = parts.map {
        TargetParameter(TargetModule("\(container.path).\(places.count).\($0)"))
      }
      let shapes = targets.compactMap { base.shape(of: $0) }
      guard shapes.count == targets.count, shapes.allSatisfy({ $0.rank == 2 }) else { break }
      if extents.isEmpty { extents = shapes.map(\.extents) }
      guard shapes.map(\.extents) == extents else { return nil }
      places.append(zip(targets, shapes).map { ($0, $1.extents[0]) })
    }
    guard let columns = extents.first?[1], extents.allSatisfy({ $0[1] == columns }) else {
      return nil
    }
    return (places, extents.reduce(0) { $0 + $1[0] }, columns)
  }

  /// The updates by each expert's factors `[p, r]` and `[r, q]`.
  func updates(
    _ factors: [(left: Factor, right: Factor)], scaling: Scaling
  ) -> [WeightUpdate] {
    func product(_ left: Factor, _ right: Factor) -> LowRank {
      LowRank(
        a: right, b: left, scaling: scaling,
        placement: Placement(extents: [left.rows, right.columns]))
    }
    switch places {
    case .whole(let target):
      let products = factors.map { product($0.left, $0.right) }
      return [
        WeightUpdate(
          target: target, change: .delta(isMatrix ? .lowRank(products[0]) : .stack(products)))
      ]
    case .experts(let experts):
      return zip(experts, factors).flatMap { parts, factor in
        var start = 0
        return parts.map { part in
          defer { start += part.rows }
          let rows = factor.left.selectingRows(.range(start..<start + part.rows))
          return WeightUpdate(
            target: part.target, change: .delta(.lowRank(product(rows, factor.right))))
        }
      }
    }
  }
}
