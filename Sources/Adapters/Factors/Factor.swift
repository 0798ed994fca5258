internal import Tensors

/// A matrix that is made from stored tensors when it is loaded: what the factors of deltas are.
///
/// Methods differ in how they keep their factors (scaled by vectors, as slices of shared
/// projections, as cores of decompositions, as small squares that are spread out); all of that is
/// said here, once, so that a delta is two factors wherever it has low rank. Extents are known
/// without loading; `matrix(form:)` does the arithmetic, in the order that NUMERICS.md states.
public struct Factor: Sendable {
  /// The number of rows.
  public let rows: Int
  /// The number of columns.
  public let columns: Int
  let recipe: Recipe

  /// How the matrix is made.
  indirect enum Recipe: Sendable {
    /// A stored tensor: the first extent against the product of the others.
    case stored(StoredTensor)
    /// A tensor that is stored twice, which must be the same.
    case twice(StoredTensor, StoredTensor)
    /// Ones on the diagonal.
    case identity
    /// A zero for each entry but those of `Incidence`, which are 1, or 2 where two fall together.
    case incidence(Incidence)
    /// Random numbers that are drawn again from a seed.
    case drawn(UniformDraw)
    /// The transpose.
    case transposed(Factor)
    /// left · right.
    case product(Factor, Factor)
    /// Every entry times a number.
    case scaled(Factor, Float)
    /// diag(v) · M, for a stored v of as many elements as M has rows.
    case scaledRows(Factor, StoredTensor)
    /// Chosen rows.
    case rows(Factor, Selection)
    /// Matrices of one width on top of one another.
    case stacked([Factor])
    /// `count` equal slices of rows as the blocks of a block-diagonal matrix.
    case blockDiagonal(Factor, count: Int)
    /// Slices of rows set down at the given places of an otherwise zero matrix.
    case placed(Factor, at: [Range<Int>])
    /// Row i is row i of the one times row i of the other, each entry with each.
    case rowwiseKronecker(Factor, Factor)
    /// left ⊗ right.
    case kronecker(Factor, Factor)
    /// Σⱼ core[i, j, k] · factor[j, q], as `[i, q · k]`.
    case modeProduct(core: StoredTensor, Factor)
    /// M with its columns turned by the angles of each of so many rotary positions, one on top of
    /// the other.
    case turned(Factor, positions: Int)
  }

  init(rows: Int, columns: Int, _ recipe: Recipe) {
    self.rows = rows
    self.columns = columns
    self.recipe = recipe
  }

  /// The stored tensors it is made of, in the order of the formula.
  public var tensors: [StoredTensor] {
    switch recipe {
    case .stored(let tensor): return [tensor]
    case .twice(let one, let other): return [one, other]
    case .identity, .incidence, .drawn: return []
    case .transposed(let inner), .scaled(let inner, _), .rows(let inner, _),
      .blockDiagonal(let inner, _), .placed(let inner, _), .turned(let inner, _):
      return inner.tensors
    case .scaledRows(let inner, let tensor): return inner.tensors + [tensor]
    case .product(let left, let right), .rowwiseKronecker(let left, let right),
      .kronecker(let left, let right):
      return left.tensors + right.tensors
    case .stacked(let parts): return parts.flatMap(\.tensors)
    case .modeProduct(let core, let inner): return [core] + inner.tensors
    }
  }
}
