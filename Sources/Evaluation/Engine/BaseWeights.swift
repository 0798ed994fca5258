internal import Adapters
internal import Compute
internal import Files
internal import Synchronization
internal import Tensors

/// The weights of a base, read once and shared by every target that is made from it.
public final class BaseWeights: Sendable {
  private let kept = Mutex<[TensorName: StoredMatrix]>([:])

  /// Nothing read yet.
  public init() {}

  /// A tensor of the base as a matrix in its own type.
  func matrix(of stored: StoredTensor) throws(EvaluationError) -> StoredMatrix {
    if let matrix = kept.withLock({ $0[stored.name] }) { return matrix }
    guard stored.dtype.isComputed else {
      throw .adapter(.notComputed(stored.file.reader.path, stored.name, stored.dtype))
    }
    let (rows, columns) = stored.shape.matrix
    let bytes: [UInt8]
    do {
      bytes = try stored.file.bytes(of: stored.info)
    } catch { throw .adapter(.tensor(error)) }
    let matrix = StoredMatrix(rows: rows, columns: columns, dtype: stored.dtype, bytes: bytes)
    kept.withLock { $0[stored.name] = matrix }
    return matrix
  }
}
