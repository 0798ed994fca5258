internal import Tensors

/// A side of a weight `[out, in]`, whichever way the base stores it.
public enum WeightSide: String, Hashable, Sendable {
  /// The first extent: rows of `[out, in]`.
  case outputs
  /// The second extent: columns of `[out, in]`, input channels of a convolution.
  case inputs
}

/// A factor for each output or each input of a weight: W' = diag(g)·W or W·diag(g), and for a bias
/// g ∘ b.
public struct AxisGain: Sendable {
  /// g, one element for each output or input.
  public let vector: StoredTensor
  /// What the elements belong to.
  public let side: WeightSide
  /// Whether the base stores this weight as `[in, out]`.
  let isFanInFanOut: Bool

  init(_ vector: StoredTensor, of side: WeightSide, isFanInFanOut: Bool = false) {
    self.vector = vector
    self.side = side
    self.isFanInFanOut = isFanInFanOut
  }

  /// How the gain lies in a tensor; transposed where a matrix is stored as `[in, out]`.
  func fit(to shape: Shape) -> UpdateFit {
    let count = vector.shape.elementCount
    let place = side == .outputs ? 0 : 1
    let extents = shape.extents
    guard extents.count > place else { return .misfits }
    if isFanInFanOut, extents.count == 2, extents[1 - place] == count {
      return .fits(isTransposed: true)
    }
    return extents[place] == count ? .fits(isTransposed: false) : .misfits
  }

  /// The extents of a weight that it fits, as far as they are known.
  var naturalShape: Shape { vector.shape }
}
