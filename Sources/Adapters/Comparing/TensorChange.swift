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
  /// The Frobenius norms; nil where only one tensor is there, or the two have no elements to compare.
  public let norms: DifferenceNorms?
}
