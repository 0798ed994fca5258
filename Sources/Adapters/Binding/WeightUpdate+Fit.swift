internal import Tensors

/// How an update lies in a tensor.
enum UpdateFit {
  /// It fits; the product may have to be transposed.
  case fits(isTransposed: Bool)
  /// It is a replacement that differs from the tensor in its first extent alone.
  case resizes(rows: Int)
  /// Its shape is another one.
  case misfits
  /// It replaces a row that the tensor does not have.
  case hasRowsBeyond(Int)
}

extension WeightUpdate {
  /// How the update lies in a tensor of the given shape.
  ///
  /// A linear layer's product is `[out, in]`. A base that stores `[in, out]` is recognised by the
  /// flag together with the shape, as square weights fit either way and PEFT sets the flag by the
  /// type of the layer.
  func fit(to shape: Shape) -> UpdateFit {
    switch change {
    case .delta(.lowRank(let factors)), .magnitude(.lowRank(let factors), _):
      return factors.fit(to: shape)
    case .delta(.stored(let tensor, _)), .magnitude(.stored(let tensor, _), _):
      return tensor.shape == shape ? .fits(isTransposed: false) : .misfits
    case .replacement(let tensor):
      if tensor.shape == shape { return .fits(isTransposed: false) }
      let isTaller =
        tensor.shape.rank == shape.rank && shape.rank > 0
        && tensor.shape.extents.dropFirst() == shape.extents.dropFirst()
      return isTaller ? .resizes(rows: tensor.shape.extents[0]) : .misfits
    case .rows(let rows, let tensor):
      guard shape.rank == 2, tensor.shape.extents.dropFirst() == shape.extents.dropFirst() else {
        return .misfits
      }
      if let beyond = rows.first(where: { $0 >= shape.extents[0] }) {
        return .hasRowsBeyond(beyond)
      }
      return .fits(isTransposed: false)
    }
  }

  /// The shape of the weight that the update was made for, as far as its tensors tell.
  var naturalShape: Shape {
    switch change {
    case .delta(.lowRank(let factors)), .magnitude(.lowRank(let factors), _):
      return factors.weightShape
    case .delta(.stored(let tensor, _)), .magnitude(.stored(let tensor, _), _),
      .replacement(let tensor), .rows(_, let tensor):
      return tensor.shape
    }
  }

  /// The shape that a replacement gives the tensor; nil for other updates.
  var wholeShape: Shape? { isWhole ? naturalShape : nil }
}

extension LowRank {
  fileprivate func fit(to shape: Shape) -> UpdateFit {
    if isFanInFanOut, shape == weightShape { return .fits(isTransposed: true) }
    let extents = shape.extents
    if isFanInFanOut { return extents == plainExtents ? .fits(isTransposed: false) : .misfits }
    return shape == weightShape ? .fits(isTransposed: layout == .transposed) : .misfits
  }

  /// The weight as the update's own layer has it: `[out, in]`, `[in, out]` for fan-in-fan-out,
  /// `[out, in, k…]` for convolutions, `[vocabulary, hidden]` for embeddings.
  fileprivate var weightShape: Shape {
    let isTurned = layout == .transposed || isFanInFanOut
    return Shape(isTurned ? plainExtents.reversed() : plainExtents) ?? a.shape
  }

  private var plainExtents: [Int] {
    Array(b.shape.extents.prefix(1)) + a.shape.extents.dropFirst()
  }
}
