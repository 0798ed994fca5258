public import Tensors

/// A tensor of an adapter that still lies in its file: the file and the place in it.
public struct StoredTensor: Sendable {
  /// The open file.
  public let file: TensorFile
  /// Where in the file, and what it means.
  public let info: TensorInfo

  /// A tensor of an open file.
  public init(_ info: TensorInfo, in file: TensorFile) {
    self.info = info
    self.file = file
  }

  /// The tensor's name in the file.
  public var name: TensorName { info.name }
  /// The tensor's extents.
  public var shape: Shape { info.shape }
  /// The type of its elements.
  public var dtype: DType { info.dtype }
}
