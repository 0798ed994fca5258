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

  /// Whether it fits transposed; nil where it does not fit.
  var isTransposed: Bool? {
    guard case .fits(let isTransposed) = self else { return nil }
    return isTransposed
  }
}

extension WeightUpdate {
  /// How the update lies in a tensor of the given shape.
  ///
  /// A linear layer's product is `[out, in]`. A base that stores `[in, out]` is recognised by the
  /// flag together with the shape, as square weights fit either way and PEFT sets the flag by the
  /// type of the layer.
  func fit(to shape: Shape) -> UpdateFit {
    switch change {
    case .delta(let delta), .magnitude(let delta, _): return delta.fit(to: shape)
    case .gain(let gain): return gain.fit(to: shape)
    case .rotation(let rotation): return rotation.fit(to: shape)
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
    case .delta(let delta), .magnitude(let delta, _): return delta.naturalShape
    case .gain(let gain): return gain.naturalShape
    case .rotation(let rotation): return rotation.naturalShape
    case .replacement(let tensor), .rows(_, let tensor): return tensor.shape
    }
  }

  /// The shape that a replacement gives the tensor; nil for other updates.
  var wholeShape: Shape? { isWhole ? naturalShape : nil }
}

extension Delta {
  fileprivate func fit(to shape: Shape) -> UpdateFit {
    if let placement { return placement.fit(to: shape) }
    if case .open = self { return .misfits }
    return naturalShape == shape ? .fits(isTransposed: false) : .misfits
  }

  /// The shape of the weight it is for.
  fileprivate var naturalShape: Shape {
    if let shape = placement?.weightShape { return shape }
    if case .stored(let tensor, _) = self { return tensor.shape }
    if case .stack(let products) = self,
      let shape = Shape([products.count] + products[0].placement.extents)
    {
      return shape
    }
    if case .open(let delta) = self { return delta.tensors[0].shape }
    preconditionFailure("a placed delta has the extents of a shape")
  }
}
