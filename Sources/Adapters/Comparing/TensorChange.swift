public import Compute
public import Tensors

/// A tensor of one or two collections and what became of it.
public struct TensorChange: Sendable, Hashable {
  /// A tensor's type and extents.
  public struct Form: Sendable, Hashable {
    /// The type of its elements.
    public let dtype: DType
    /// Its extents.
    public let shape: Shape
    /// The bytes of its elements.
    public let byteCount: Int

    init(_ info: TensorInfo) {
      dtype = info.dtype
      shape = info.shape
      byteCount = info.byteCount
    }
  }

  /// Its name.
  public let name: TensorName
  /// What it was; nil where it is new.
  public let old: Form?
  /// What it is; nil where it is gone.
  public let new: Form?
  /// Whether type, shape and every byte are the same.
  public let isIdentical: Bool
  /// The norms by their kinds: Frobenius' where both tensors are there and have elements to compare,
  /// others where they were asked for and the two are different matrices.
  public var measures: [MatrixNorm: DifferenceNorms]

  /// The Frobenius norms; nil where only one tensor is there, or the two have no elements to compare.
  public var norms: DifferenceNorms? { measures[.frobenius] }

  /// The norms of a kind, and where the tensor is no matrix Frobenius'.
  public func norms(nearest norm: MatrixNorm) -> DifferenceNorms? { measures[norm] ?? norms }
}
