internal import Tensors

/// The blocks of a block-diagonal matrix, each made of a skew-symmetric Q.
struct RotationBlocks: Sendable {
  /// How Q is stored.
  enum Storage: Hashable, Sendable {
    /// The strict upper triangle of Q or of −Q, row by row: `[count, size·(size − 1)/2]`.
    case triangle(isNegated: Bool)
    /// A square T with Q = (T − Tᵀ)·factor, one of `[stages, count, size, size]`.
    case square(stage: Int, factor: Double)
  }

  /// How the block is made of Q.
  enum Map: Hashable, Sendable {
    /// (I − Q)·(I + Q)⁻¹
    case cayley
    /// I + 2Q + 2Q² + … + Qⁿ⁻¹, the last power once: PEFT's series of n terms, of which 3 and 4
    /// are the same.
    case series(terms: Int)
  }

  /// The stored tensor.
  let source: StoredTensor
  let storage: Storage
  let map: Map
  /// The largest Frobenius norm of Q, to which larger ones are scaled; nil for no limit.
  let limit: Double?
  /// The number of stored blocks; one block may be meant for all places.
  let count: Int
  /// The rows of a block.
  let size: Int
  /// Whether the one block stands at every place.
  let isShared: Bool

  /// Whether a side of so many entries is divided into these blocks.
  func fits(_ entries: Int) -> Bool {
    isShared ? entries % size == 0 : entries == count * size
  }
}
