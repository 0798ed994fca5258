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
  /// The norms; nil where only one tensor is there, or the two have no elements to compare.
  public let norms: DifferenceNorms?
}

/// The Frobenius norms of two things and of their difference.
public struct DifferenceNorms: Sendable, Hashable {
  /// ‖old‖
  public let old: Double
  /// ‖new‖
  public let new: Double
  /// ‖new − old‖
  public let distance: Double
  /// How far `distance` may be from the exact one of the same stored values.
  public let errorBound: Double

  /// ‖new − old‖ / ‖old‖; nil where there is nothing to relate to.
  public var relative: Double? { old > 0 ? distance / old : nil }
}
