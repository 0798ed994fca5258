internal import Tensors

/// Two factors of an update of low rank.
///
/// Shapes, by `layout`:
/// - linear: A `[rank, in]`, B `[out, rank]`, ΔW = s·B·A of shape `[out, in]`;
/// - convolution: A `[rank, in · k…]`, B `[out, rank]`, ΔW = s·B·A reshaped to `[out, in, k…]`;
/// - embedding: A `[rank, vocabulary]`, B `[hidden, rank]`, ΔW = s·(B·A)ᵀ of shape
///   `[vocabulary, hidden]`.
public struct LowRank: Sendable {
  /// How the product lies in the weight.
  public enum Layout: Hashable, Sendable {
    /// The product is the weight's update as it stands, also for convolutions.
    case product
    /// The product's transpose is the update: embeddings, which PEFT stores as A and B of Wᵀ.
    case transposed
  }

  /// The down-projection, `[rank, …]`.
  public let a: Factor
  /// The up-projection, `[…, rank]`.
  public let b: Factor
  /// The factor in front of the product.
  public let scaling: Scaling
  /// How the product lies in the weight.
  let placement: Placement

  /// Two factors of equal inner extents whose product has the extents of the placement.
  init(a: Factor, b: Factor, scaling: Scaling, placement: Placement) {
    precondition(a.rows == b.columns, "the factors' inner extents are equal")
    precondition(placement.matrix == (b.rows, a.columns), "the product is the placement's")
    self.a = a
    self.b = b
    self.scaling = scaling
    self.placement = placement
  }

  /// Two stored factors, already known to have equal inner extents.
  public init(
    a: StoredTensor,
    b: StoredTensor,
    scaling: Scaling,
    layout: Layout = .product,
    isFanInFanOut: Bool = false
  ) {
    self.init(
      a: .stored(a), b: .stored(b), scaling: scaling,
      placement: Placement(
        extents: Array(b.shape.extents.prefix(1)) + a.shape.extents.dropFirst(), layout: layout,
        isFanInFanOut: isFanInFanOut))
  }

  /// The inner extent of the product, which bounds its rank.
  public var rank: Int { a.rows }
  /// The product's extents as a matrix: B's rows against A's columns.
  public var productExtents: (rows: Int, columns: Int) { (b.rows, a.columns) }
  /// How the product lies in the weight.
  public var layout: Layout { placement.layout }
  /// Whether the base stores this weight as `[in, out]` (GPT-2's Conv1D): the product is then
  /// transposed once more.
  public var isFanInFanOut: Bool { placement.isFanInFanOut }
  /// The stored tensors, A's before B's.
  public var tensors: [StoredTensor] { a.tensors + b.tensors }
}

/// How a product `[out, in · k…]` lies in the weight it is for.
struct Placement: Hashable, Sendable {
  /// The extents of the product: `[out, in, k…]`, or `[hidden, vocabulary]` for embeddings.
  let extents: [Int]
  /// Whether the product's transpose is the update.
  var layout = LowRank.Layout.product
  /// Whether the base stores the weight as `[in, out]`.
  var isFanInFanOut = false
  /// Whether the extents behind the first may be those of inputs and kernel in another division, as
  /// files fold a convolution's kernel into its inputs, or give it an axis more than it has.
  var mayFoldKernel = false

  /// The extents as those of a matrix.
  var matrix: (rows: Int, columns: Int) {
    (extents.first ?? 0, extents.dropFirst().reduce(1, *))
  }

  /// The weight as the update's own layer has it: `[out, in]`, `[in, out]` for fan-in-fan-out,
  /// `[out, in, k…]` for convolutions, `[vocabulary, hidden]` for embeddings.
  var weightShape: Shape? {
    let isTurned = layout == .transposed || isFanInFanOut
    return Shape(isTurned ? extents.reversed() : extents)
  }

  /// How the product lies in a tensor of the given shape.
  func fit(to shape: Shape) -> UpdateFit {
    if isFanInFanOut, shape == weightShape { return .fits(isTransposed: true) }
    if isFanInFanOut {
      return shape.extents == extents ? .fits(isTransposed: false) : .misfits
    }
    if mayFoldKernel, shape.rank > 2, shape.matrix == matrix { return .fits(isTransposed: false) }
    return shape == weightShape ? .fits(isTransposed: layout == .transposed) : .misfits
  }
}
