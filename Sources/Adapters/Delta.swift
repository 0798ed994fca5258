internal import Tensors

/// An additive update to one weight, in the most structured form that is exact.
///
/// Every method whose update does not depend on the base is one of these forms; commands never ask
/// where it came from. Loading gives two factors (`DeltaFactors`), the form that is computed with.
public enum Delta: Sendable {
  /// ΔW = scaling · B · A.
  case lowRank(LowRank)
  /// ΔW = factor · T, a stored tensor of the weight's own shape, such as a trained bias.
  case stored(StoredTensor, factor: Double)
}

/// The two trained factors of a low-rank update.
///
/// Shapes, by `layout`:
/// - linear: A `[rank, in]`, B `[out, rank]`, ΔW = s·B·A of shape `[out, in]`;
/// - convolution: A `[rank, in, k…]`, B `[out, rank, 1…]`, ΔW = s·B·A reshaped to `[out, in, k…]`;
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

  /// The down-projection.
  public let a: StoredTensor
  /// The up-projection.
  public let b: StoredTensor
  /// The factor in front of the product.
  public let scaling: Scaling
  /// How the product lies in the weight.
  public let layout: Layout
  /// Whether the base stores this weight as `[in, out]` (GPT-2's Conv1D): the product is then
  /// transposed once more.
  public let isFanInFanOut: Bool

  /// Two factors, already known to have equal inner extents.
  public init(
    a: StoredTensor,
    b: StoredTensor,
    scaling: Scaling,
    layout: Layout = .product,
    isFanInFanOut: Bool = false
  ) {
    self.a = a
    self.b = b
    self.scaling = scaling
    self.layout = layout
    self.isFanInFanOut = isFanInFanOut
  }

  /// The inner extent of the product.
  public var rank: Int { a.shape.extents.first ?? 0 }
  /// The product's extents as a matrix: B's first against the product of A's others.
  public var productExtents: (rows: Int, columns: Int) {
    (b.shape.extents.first ?? 0, a.shape.matrix.columns)
  }
}
