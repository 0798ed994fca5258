internal import Files
internal import Tensors

/// An additive update to one weight, in the most structured form that is exact.
///
/// Every method whose update does not depend on the base is one of these forms; commands never ask
/// where it came from. `exactFactors` gives the two factors of whatever has them, `LoadedDelta` the
/// form that is computed with.
public enum Delta: Sendable {
  /// ΔW = scaling · B · A.
  case lowRank(LowRank)
  /// ΔW = (scaling · B₁ · A₁) ∘ (B₂ · A₂), entry by entry; the second scaling is 1.
  case hadamard(LowRank, LowRank)
  /// ΔW = scaling · K₁ ⊗ K₂.
  case kronecker(Kronecker)
  /// Blocks on the diagonal, repeated downwards.
  case tiledBlocks(TiledBlocks)
  /// A product for each index of the first extent of `[count, rows, columns]`.
  case stack([LowRank])
  /// An update that the base has to settle.
  case open(any OpenDelta)
  /// ΔW = factor · T, a stored tensor of the weight's own shape, such as a trained bias.
  case stored(StoredTensor, factor: Double)
}

extension Delta {
  /// Two factors whose product is this delta, for any form of low rank: their inner extent bounds
  /// its rank. Nil where there is no such form.
  ///
  /// The product is the delta as real numbers have it. Where the delta is merged from another form,
  /// that form and no product of these factors gives the merged bytes.
  public var exactFactors: LowRank? {
    switch self {
    case .lowRank(let factors): return factors
    case .hadamard(let one, let other):
      return LowRank(
        a: Factor.rowwiseKronecker(one.a.transposed, other.a.transposed).transposed,
        b: .rowwiseKronecker(one.b, other.b), scaling: one.scaling, placement: one.placement)
    case .kronecker(let product):
      let (left, right) = (product.left.split, product.right.split)
      return LowRank(
        a: .kronecker(left.right, right.right), b: .kronecker(left.left, right.left),
        scaling: product.scaling, placement: product.placement)
    case .tiledBlocks, .stack, .open, .stored: return nil
    }
  }

  /// What the rank of the delta, or of each matrix of a stack, cannot exceed; nil for stored tensors
  /// that are no matrices, and where the base has to tell.
  public var rankBound: Int? {
    if case .open(let delta) = self { return delta.rankBound }
    if case .stack(let products) = self {
      return products.map { Delta.lowRank($0).rankBound ?? 0 }.max()
    }
    guard let placement else { return nil }
    let (rows, columns) = placement.matrix
    return min(exactFactors?.rank ?? .max, rows, columns)
  }

  /// How it lies in the weight; nil for stored tensors and stacks, which lie as they are, and for
  /// open updates.
  var placement: Placement? {
    switch self {
    case .lowRank(let factors), .hadamard(let factors, _): return factors.placement
    case .kronecker(let product): return product.placement
    case .tiledBlocks(let blocks): return blocks.placement
    case .stack, .open, .stored: return nil
    }
  }

  /// The factor in front.
  public var scaling: Double {
    switch self {
    case .lowRank(let factors), .hadamard(let factors, _): return factors.scaling.factor
    case .kronecker(let product): return product.scaling.factor
    case .tiledBlocks: return 1
    case .stack(let products): return products.first?.scaling.factor ?? 1
    case .open(let delta): return delta.scaling
    case .stored(_, let factor): return factor
    }
  }

  /// The tensors this delta is made of, each once.
  public var tensors: [StoredTensor] {
    var seen: Set<String> = []
    return everyTensor.filter { seen.insert("\($0.file.reader.path) \($0.name)").inserted }
  }

  private var everyTensor: [StoredTensor] {
    switch self {
    case .lowRank(let factors): return factors.tensors
    case .tiledBlocks(let blocks): return blocks.blocks.tensors
    case .stack(let products): return products.first?.tensors ?? []
    case .open(let delta): return delta.tensors
    case .hadamard(let one, let other): return one.tensors + other.tensors
    case .kronecker(let product): return product.left.tensors + product.right.tensors
    case .stored(let tensor, _): return [tensor]
    }
  }

  /// The multiplications an element takes: the inner extents of the products.
  var depth: Int {
    switch self {
    case .lowRank(let factors): return factors.rank
    case .hadamard(let one, let other): return one.rank + other.rank
    case .kronecker, .tiledBlocks: return 1
    case .stack(let products): return products.first?.rank ?? 0
    case .open, .stored: return 0
    }
  }
}

/// A Kronecker product of two small matrices.
///
/// Entry (i₁·r + i₂, j₁·c + j₂) of the product is K₁[i₁, j₁] · K₂[i₂, j₂], K₂ being `[r, c]`; the
/// kernel of a convolution stands behind the inputs in K₂'s columns.
public struct Kronecker: Sendable {
  /// K₁.
  public let left: Factor
  /// K₂.
  public let right: Factor
  /// The factor in front.
  public let scaling: Scaling
  /// How the product lies in the weight.
  let placement: Placement

  init(left: Factor, right: Factor, scaling: Scaling, placement: Placement) {
    precondition(placement.matrix == (left.rows * right.rows, left.columns * right.columns))
    self.left = left
    self.right = right
    self.scaling = scaling
    self.placement = placement
  }
}
