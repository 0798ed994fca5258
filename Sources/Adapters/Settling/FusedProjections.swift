internal import Tensors

/// Projections that one model keeps by themselves and another one on top of one another in a single
/// weight: an adapter trained on the one form fits a base in the other.
///
/// A fused update is divided by its rows, at the same rank. Single updates become one whose factors
/// stand side by side, at the sum of their ranks. Both are exact.
enum FusedProjections {
  /// Fused layers and their parts, in the order of their rows (Phi-3 and its like; fused layers of
  /// other names mix the rows of heads).
  private static let all = [
    (fused: "qkv_proj", parts: ["q_proj", "k_proj", "v_proj"]),
    (fused: "gate_up_proj", parts: ["gate_proj", "up_proj"]),
  ]

  /// The updates as a base has their targets; those that it has, or lacks in both forms, stay.
  static func settled(_ updates: [WeightUpdate], on base: BaseView) -> [WeightUpdate] {
    var settled: [WeightUpdate] = []
    var joined: Set<TargetParameter> = []
    let products = Dictionary(
      updates.compactMap { update in update.plainProduct.map { (update.target, $0) } },
      uniquingKeysWith: { first, _ in first })
    for update in updates {
      guard let product = products[update.target], base.shape(of: update.target) == nil else {
        settled.append(update)
        continue
      }
      if let parts = divided(product, of: update.target, base) {
        settled += parts
      } else if let (target, whole) = fused(for: update.target, products, base) {
        if joined.insert(target).inserted { settled.append(whole) }
      } else {
        settled.append(update)
      }
    }
    return settled
  }

  private static func divided(
    _ product: LowRank, of target: TargetParameter, _ base: BaseView
  ) -> [WeightUpdate]? {
    guard let form = all.first(where: { $0.fused == target.module.kind }) else { return nil }
    let targets = form.parts.map { target.sibling($0) }
    let shapes = targets.compactMap { base.shape(of: $0) }
    guard shapes.count == targets.count,
      shapes.allSatisfy({ $0.rank == 2 && $0.extents[1] == product.a.columns }),
      shapes.reduce(0, { $0 + $1.extents[0] }) == product.b.rows
    else { return nil }
    var start = 0
    return zip(targets, shapes).map { target, shape in
      let end = start + shape.extents[0]
      defer { start = end }
      return WeightUpdate(
        target: target,
        change: .delta(
          .lowRank(
            LowRank(
              a: product.a, b: product.b.selectingRows(.range(start..<end)),
              scaling: product.scaling, placement: Placement(extents: shape.extents)))))
    }
  }

  private static func fused(
    for target: TargetParameter, _ products: [TargetParameter: LowRank], _ base: BaseView
  ) -> (TargetParameter, WeightUpdate)? {
    guard let form = all.first(where: { $0.parts.contains(target.module.kind) }) else { return nil }
    let whole = target.sibling(form.fused)
    guard let shape = base.shape(of: whole), shape.rank == 2 else { return nil }
    let parts = form.parts.map { products[target.sibling($0)] }
    let present = parts.compactMap { $0 }
    guard let heights = heights(parts, of: shape.extents[0]),
      present.allSatisfy({ $0.a.columns == shape.extents[1] })
    else { return nil }
    var (start, up) = (0, [Factor]())
    let isUniform = Set(present.map(\.scaling)).count == 1
    for (part, height) in zip(parts, heights) {
      defer { start += height }
      guard let part else { continue }
      let placed = part.b.placingRows(at: [start..<start + height], total: shape.extents[0])
      up.append(isUniform ? placed : placed.scaled(by: Float(part.scaling.factor)))
    }
    let product = LowRank(
      a: .stacked(present.map(\.a)), b: .sideBySide(up),
      scaling: isUniform ? present[0].scaling : .one,
      placement: Placement(extents: shape.extents))
    return (whole, WeightUpdate(target: whole, change: .delta(.lowRank(product))))
  }

  /// The rows of each part; nil where they do not add up. A part that is not adapted has what is
  /// left over; keys and values are alike.
  private static func heights(_ parts: [LowRank?], of total: Int) -> [Int]? {
    var heights = parts.map { $0?.b.rows }
    if heights.count == 3 {
      heights[1] = heights[1] ?? heights[2]
      heights[2] = heights[2] ?? heights[1]
    }
    let rest = total - heights.reduce(0) { $0 + ($1 ?? 0) }
    let missing = heights.count { $0 == nil }
    guard rest >= 0, missing == 0 ? rest == 0 : rest > 0 && rest % missing == 0 else { return nil }
    return heights.map { $0 ?? rest / missing }
  }
}

extension TargetParameter {
  /// The same parameter of another module of the same parent.
  fileprivate func sibling(_ kind: String) -> TargetParameter {
    TargetParameter(TargetModule(module.path.dropLast(module.kind.count) + kind), parameter)
  }
}

extension WeightUpdate {
  /// The two factors of an update of a linear layer's weight that is stored as `[out, in]`.
  fileprivate var plainProduct: LowRank? {
    guard case .delta(.lowRank(let factors)) = change, target.parameter == "weight",
      factors.layout == .product, !factors.isFanInFanOut, factors.placement.extents.count == 2
    else { return nil }
    return factors
  }
}
