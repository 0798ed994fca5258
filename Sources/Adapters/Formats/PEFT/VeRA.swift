internal import Files
internal import Tensors

/// VeRA (arXiv 2310.11454): ΔW = diag(b)·B·diag(d)·A, where all modules share A and B and take as
/// many of their columns and rows as they have inputs and outputs.
struct VeRA: OpenDelta {
  /// λ_b, one element for each output.
  let outputs: StoredTensor
  /// λ_d, one element for each of the shared ranks.
  let ranks: StoredTensor
  let projections: Projections
  let isFanInFanOut: Bool
  /// The adapter, for errors.
  let path: Path

  /// The shared A `[rank, widest inputs]` and B `[widest outputs, rank]`.
  enum Projections {
    case stored(a: StoredTensor, b: StoredTensor)
    /// Drawn again from the seed, as PEFT does where it saved none: A first, then B, evenly within
    /// Kaiming's bound for the extents of the widest module of all `targets`.
    case drawn(seed: UInt64, targets: [TargetModule], widestOutputs: Int)
  }

  var tensors: [StoredTensor] { [outputs, ranks] }
  var rankBound: Int? { ranks.shape.elementCount }
  var scaling: Double { 1 }

  func settled(
    at target: TargetParameter, on base: BaseView
  ) throws(AdapterError) -> [WeightUpdate]? {
    guard let inputs = inputs(of: target, on: base) else { return nil }
    let (a, b) = try shared(on: base)
    let out = outputs.shape.elementCount
    guard inputs <= a.columns, out <= b.rows else {
      throw .inconsistent(
        path,
        rule: "shares projections for \(a.columns) inputs and \(b.rows) outputs, but \(target) has "
          + "\(inputs) and \(out)")
    }
    let factors = LowRank(
      a: a.selectingColumns(.range(0..<inputs)).scalingRows(by: ranks),
      b: b.selectingRows(.range(0..<out)).scalingRows(by: outputs), scaling: .one,
      placement: Placement(extents: [out, inputs], isFanInFanOut: isFanInFanOut))
    return [WeightUpdate(target: target, change: .delta(.lowRank(factors)))]
  }

  private func inputs(of target: TargetParameter, on base: BaseView) -> Int? {
    guard let shape = base.shape(of: target), shape.rank == 2 else { return nil }
    let isTurned = isFanInFanOut && shape.extents[1] == outputs.shape.elementCount
    return isTurned ? shape.extents[0] : shape.extents[1]
  }

  private func shared(on base: BaseView) throws(AdapterError) -> (a: Factor, b: Factor) {
    switch projections {
    case .stored(let a, let b): return (.stored(a), .stored(b))
    case .drawn(let seed, let targets, let widestOutputs):
      var widest = 0
      for target in targets {
        guard let shape = base.shape(of: TargetParameter(target)), shape.rank == 2 else {
          throw .inconsistent(
            path,
            rule: "keeps no projections, and the base lacks \(target), on whose extents those of "
              + "all modules depend")
        }
        widest = max(widest, isFanInFanOut ? shape.extents[0] : shape.extents[1])
      }
      let rank = ranks.shape.elementCount
      return (
        .drawn(
          UniformDraw(seed: seed, skipped: 0, bound: Self.bound(widest)), rows: rank,
          columns: widest),
        .drawn(
          UniformDraw(seed: seed, skipped: rank * widest, bound: Self.bound(rank)),
          rows: widestOutputs, columns: rank)
      )
    }
  }

  /// Kaiming's bound √3 · √2 / √fan.
  private static func bound(_ fan: Int) -> Float {
    Float(3.0.squareRoot() * (2.0.squareRoot() / Double(fan).squareRoot()))
  }
}
