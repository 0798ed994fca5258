/// Where a tensor lies in its file, and what its bytes mean.
///
/// The bytes are little-endian and in C order unless `strides` says otherwise.
public struct TensorInfo: Hashable, Sendable {
  /// The tensor's name.
  public let name: TensorName
  /// The type of its elements.
  public let dtype: DType
  /// Its extents.
  public let shape: Shape
  /// The first byte, counted from the start of the file.
  public let byteOffset: Int
  /// The number of bytes its elements fill: `shape.byteCount(of: dtype)`.
  public let byteCount: Int
  /// The distance in elements between neighbours of each dimension, for the strided views that
  /// PyTorch files may hold; nil where the tensor is contiguous.
  public let strides: [Int]?

  /// A tensor of which the container has checked that it lies inside the file.
  public init(
    name: TensorName,
    dtype: DType,
    shape: Shape,
    byteOffset: Int,
    byteCount: Int,
    strides: [Int]? = nil
  ) {
    self.name = name
    self.dtype = dtype
    self.shape = shape
    self.byteOffset = byteOffset
    self.byteCount = byteCount
    self.strides = strides
  }
}
