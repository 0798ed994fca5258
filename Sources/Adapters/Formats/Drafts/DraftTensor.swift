public import Compute
public import Tensors

/// A tensor of an adapter that is to be written.
public struct DraftTensor: Sendable {
  /// Where its elements come from.
  public enum Content: Sendable {
    /// Little-endian elements in memory.
    case bytes([UInt8])
    /// A tensor of a file, which is read when the adapter is written.
    case stored(StoredTensor)
    /// A matrix that is made when it is asked for, each entry rounded once to the type.
    case made(Factor)
  }

  /// The type it is written in.
  public let dtype: DType
  /// Its extents.
  public let shape: Shape
  /// Its elements.
  public let content: Content

  /// A stored tensor, in its own type or rounded once to another that can be computed with.
  public init(_ stored: StoredTensor, as dtype: DType? = nil) {
    self.dtype = dtype ?? stored.dtype
    shape = stored.shape
    content = .stored(stored)
  }

  /// A factor in the given extents, whose product is its number of entries.
  init(_ factor: Factor, extents: [Int], as dtype: DType) {
    guard let shape = Shape(extents), shape.elementCount == factor.rows * factor.columns else {
      preconditionFailure("the extents are those of the factor")
    }
    self.dtype = dtype
    self.shape = shape
    content = .made(factor)
  }

  /// A matrix in the given extents, whose product is its number of entries, each entry rounded once.
  public init(
    _ matrix: RealMatrix, extents: [Int], as dtype: DType, form: KernelForm = .best
  ) {
    guard let shape = Shape(extents), shape.elementCount == matrix.elements.count else {
      preconditionFailure("the extents are those of the matrix")
    }
    self.dtype = dtype
    self.shape = shape
    content = .bytes(Conversion.bytes(matrix.elements, as: dtype, form: form))
  }

  /// The bytes it takes.
  var byteCount: Int { shape.elementCount * dtype.bitWidth / 8 }

  /// The elements as they will be written; throws where the file they are in cannot be read.
  func bytes(form: KernelForm) throws(AdapterError) -> [UInt8] {
    switch content {
    case .bytes(let bytes): return bytes
    case .made(let factor):
      return Conversion.bytes(
        try factor.matrix(form: form).elements.map(Double.init), as: dtype, form: form)
    case .stored(let stored):
      let bytes: [UInt8]
      do { bytes = try stored.file.bytes(of: stored.info) } catch { throw .tensor(error) }
      guard stored.dtype != dtype else { return bytes }
      return Conversion.bytes(
        Conversion.doubles(bytes, of: stored.dtype, form: form), as: dtype, form: form)
    }
  }

  /// The elements widened, as a reader of what is written will find them.
  func values(form: KernelForm) throws(AdapterError) -> [Double] {
    Conversion.doubles(try bytes(form: form), of: dtype, form: form)
  }

  /// How many of the elements, as they are written, are NaN or infinite.
  func nonFiniteCount(_ bytes: [UInt8], form: KernelForm) -> Int {
    guard dtype.isComputed else { return 0 }
    return Conversion.nonFiniteCount(
      Conversion.floats(bytes, of: dtype, form: form), form: form)
  }
}
