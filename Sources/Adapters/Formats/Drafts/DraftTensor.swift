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
    /// A whole change as the weight lies, its scale in it, each entry rounded once.
    case delta(Delta, isTransposed: Bool)
  }

  /// The type it is written in.
  public let dtype: DType
  /// Its extents.
  public let shape: Shape
  /// Its elements.
  public let content: Content

  /// A tensor under its name.
  typealias Named = (name: TensorName, tensor: DraftTensor)

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

  /// A stored tensor in other extents, of as many elements.
  init(_ stored: StoredTensor, extents: [Int], as dtype: DType) {
    guard let shape = Shape(extents), shape.elementCount == stored.shape.elementCount else {
      preconditionFailure("the extents are those of as many elements")
    }
    self.dtype = dtype
    self.shape = shape
    content = .stored(stored)
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

  /// A change as it lies in a weight of the given extents; nil where its size cannot be counted.
  init?(_ delta: Delta, isTransposed: Bool, extents: [Int], as dtype: DType) {
    guard let shape = Shape(extents), shape.byteCount(of: dtype) != nil else { return nil }
    self.dtype = dtype
    self.shape = shape
    content = .delta(delta, isTransposed: isTransposed)
  }

  /// A single number.
  init(_ number: Double, as dtype: DType) {
    guard let shape = Shape([]) else { preconditionFailure("a scalar has a shape") }
    self.dtype = dtype
    self.shape = shape
    content = .bytes(Conversion.bytes([number], as: dtype, form: .scalar))
  }

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
    case .delta(let delta, let isTransposed):
      let (rows, columns) = shape.matrix
      let values = try delta.values(
        rows: rows, columns: columns, isTransposed: isTransposed, form: form)
      return Conversion.bytes(values, as: dtype, form: form)
    }
  }

  /// The same, refusing numbers that were made or narrowed and are not finite.
  func checkedBytes(named name: TensorName, form: KernelForm) throws(AdapterError) -> [UInt8] {
    let bytes = try bytes(form: form)
    if case .stored(let stored) = content, stored.dtype == dtype { return bytes }
    let bad = nonFiniteCount(bytes, form: form)
    guard bad == 0 else { throw .overflow(name, dtype, count: bad) }
    return bytes
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
