internal import Compute
internal import Tensors

/// One weight of a combination: who has it, and how their products lie in it.
public struct PlannedWeight: Sendable {
  /// What is changed.
  public let target: TargetParameter
  /// The members that have it, by their places in the plan, in the order in which they are put
  /// together.
  public let members: [Int]
  /// Their deltas; nil for a member that has dropped what the ancestor has.
  let deltas: [MemberDelta?]
  /// The delta of the common ancestor of a three-way combination; nil where it has none.
  let ancestor: MemberDelta?
  /// The form that all of them have.
  let form: WeightForm

  /// What the rank of the combination cannot exceed, where a method keeps to it: the sum of the
  /// ranks, and the smaller extent.
  public var rankBound: Int {
    min(storedRank, form.rows, form.columns)
  }
  /// The sum of the ranks.
  var storedRank: Int { all.reduce(0) { $0 + $1.storedRank } }
  /// The inner extent of the factors that it is computed with.
  var depth: Int { all.reduce(0) { $0 + $1.depth } }
  /// Whether an update of it depends on a base, and the combination has no low rank of its own.
  public var dependsOnBase: Bool { all.contains(where: \.isEffective) }
  /// The largest rank of a member's delta.
  var largestRank: Int { deltas.compactMap { $0?.storedRank }.max() ?? 1 }
  private var all: [MemberDelta] { (deltas + [ancestor]).compactMap { $0 } }
  /// The extents of the product as a matrix.
  public var extents: (rows: Int, columns: Int) { (form.rows, form.columns) }
}

/// The extents of a delta and how it lies in its weight: what adapters must agree in to be combined.
struct WeightForm: Hashable, Sendable {
  /// `[out, in, k…]`, `[hidden, vocabulary]`, or a vector's `[1, n]`.
  let extents: [Int]
  let layout: LowRank.Layout
  let isFanInFanOut: Bool
  /// Whether it is a vector that is stored whole: the change of a bias.
  let isVector: Bool

  var rows: Int { extents[0] }
  var columns: Int { extents.dropFirst().reduce(1, *) }
  /// The extents of A in an adapter of the given rank.
  func a(_ rank: Int) -> [Int] { [rank] + extents.dropFirst() }
  /// The extents of B: a convolution's has kernels of one element.
  func b(_ rank: Int) -> [Int] {
    [extents[0], rank] + [Int](repeating: 1, count: extents.count - 2)
  }

  /// A known form.
  init(extents: [Int], layout: LowRank.Layout, isFanInFanOut: Bool, isVector: Bool) {
    self.extents = extents
    self.layout = layout
    self.isFanInFanOut = isFanInFanOut
    self.isVector = isVector
  }

  /// The form of a vector of so many elements.
  init(vectorOf count: Int) {
    self.init(extents: [1, count], layout: .product, isFanInFanOut: false, isVector: true)
  }

  /// The form of a delta; nil where it has neither two factors nor one axis.
  init?(_ delta: Delta) {
    if let placement = delta.placement, delta.exactFactors != nil {
      self.init(
        extents: placement.extents, layout: placement.layout,
        isFanInFanOut: placement.isFanInFanOut, isVector: false)
      return
    }
    guard case .stored(let tensor, _) = delta, tensor.shape.rank == 1 else { return nil }
    self.init(vectorOf: tensor.shape.extents[0])
  }

  /// What another form differs in, to complete "… in one and … in the other"; nil where it does not.
  func difference(from other: WeightForm) -> String? {
    func words(_ form: WeightForm) -> String {
      if form.layout == .transposed { return "an embedding of \(form.extents.reversed())" }
      let kind = form.extents.count > 2 ? "a convolution of " : form.isVector ? "a vector of " : ""
      return kind + "\(form.extents)" + (form.isFanInFanOut ? " with fan_in_fan_out" : "")
    }
    return self == other ? nil : "\(words(self)) in one and \(words(other)) in the other"
  }
}

extension Delta {
  /// The delta in memory; throws where a factor is unreadable or not finite.
  func factored(_ execution: Execution) throws(AdapterError) -> FactoredDelta {
    if let factors = exactFactors {
      return FactoredDelta(
        ScaledFactors(
          left: try factors.b.matrix(form: execution.form),
          right: try factors.a.matrix(form: execution.form), scaling: factors.scaling.factor))
    }
    guard case .stored(let tensor, let factor) = self else {
      preconditionFailure("a delta of a known form has factors or is stored")
    }
    let values = try tensor.floats(form: execution.form)
    return FactoredDelta(
      left: RealMatrix(rows: 1, columns: 1, elements: [1]),
      right: RealMatrix(rows: 1, columns: values.count, elements: values.map(Double.init))
    ).scaled(by: factor)
  }
}
