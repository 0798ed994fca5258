internal import Files
internal import Tensors

/// MoRA (arXiv 2405.12130): a square M `[k, k]` between a map that compresses the inputs and one
/// that spreads the k outputs; nothing is scaled.
///
/// Inputs are folded cyclically (types 1 and 4) or added up in neighbouring groups (2 and 3);
/// outputs repeat cyclically (1 and 3) or in groups (2 and 4). Type 6 rotates each block of k inputs
/// by its position and gives each block of outputs its own block of inputs.
struct MoRA: OpenDelta {
  let square: StoredTensor
  /// The same again: files hold it under the names of A and of B.
  let twin: StoredTensor
  let type: Int
  /// The configured rank, from which k follows for a weight's extents.
  let rank: Int
  /// The adapter, for errors.
  let path: Path

  var tensors: [StoredTensor] { [square, twin] }
  var rankBound: Int? { type == 6 ? nil : square.shape.extents[0] }
  var scaling: Double { 1 }

  /// k for a weight: ⌊√((in + out)·r) + ½⌋, even for type 6.
  func size(out: Int, in count: Int) -> Int {
    let size = Int((Double(count + out) * Double(rank)).squareRoot() + 0.5)
    return type == 6 ? size / 2 * 2 : size
  }

  func settled(
    at target: TargetParameter, on base: BaseView
  ) throws(AdapterError) -> [WeightUpdate]? {
    guard let shape = base.shape(of: target) else { return nil }
    let side = square.shape.extents[0]
    guard shape.rank == 2, size(out: shape.extents[0], in: shape.extents[1]) == side else {
      throw .inconsistent(
        path,
        rule: "has \(square.name) of shape \(square.shape), which is not the square of a MoRA of "
          + "rank \(rank) on \(target), whose shape in the base is \(shape)")
    }
    return [
      WeightUpdate(
        target: target, change: .delta(delta(out: shape.extents[0], in: shape.extents[1])))
    ]
  }

  private func delta(out: Int, in count: Int) -> Delta {
    let side = square.shape.extents[0]
    let placement = Placement(extents: [out, count])
    if type == 6 {
      let blocks = (count + side - 1) / side
      return .tiledBlocks(
        TiledBlocks(
          blocks: .turned(.twice(square, twin), positions: blocks), size: side, placement: placement
        ))
    }
    let compresses: Factor =
      type == 1 || type == 4
      ? .incidence(.cyclic(period: side, count: count), rows: side, wraps: true)
      : .incidence(.grouped(groups: side, count: count), rows: side)
    let spread: Selection =
      type == 1 || type == 3
      ? .cyclic(period: side, count: out) : .grouped(groups: side, count: out)
    return .lowRank(
      LowRank(
        a: compresses, b: Factor.twice(square, twin).selectingRows(spread), scaling: .one,
        placement: placement))
  }
}
