internal import Compute
internal import Tensors

/// A part of one tensor that one worker takes from reading to writing.
struct TensorJob: Hashable, Sendable {
  /// The tensor's position in the plan.
  let tensor: Int
  /// Its elements, for tensors that are computed with, the base's or the merged ones, whichever are
  /// more; its bytes, for those that are copied.
  let range: Range<Int>

  /// The elements of a job: a multiple of what fills a digest's chunk in every computed type.
  static let elementCount = 1 << 19
  /// The elements of a job of a deep product, whose panels are worth more rows.
  static let deepElementCount = 1 << 21
  /// The depth from which a product is deep.
  static let deepProduct = 64
  /// The bytes of a job that copies.
  static let copiedByteCount = 4 << 20

  /// The jobs of tensor number `position`, in order; an empty tensor has one empty job.
  static func jobs(of tensor: PlannedTensor, at position: Int) -> [TensorJob] {
    let total: Int
    let step: Int
    if tensor.isComputed {
      total = max(tensor.shape.elementCount, tensor.sourceElementCount)
      step = tensor.productDepth >= deepProduct ? deepElementCount : elementCount
    } else {
      total = tensor.shape.byteCount(of: tensor.dtype) ?? 0
      step = copiedByteCount
    }
    guard total > 0 else { return [TensorJob(tensor: position, range: 0..<0)] }
    return stride(from: 0, to: total, by: step).map { start in
      TensorJob(tensor: position, range: start..<min(total, start + step))
    }
  }
}

extension PlannedTensor {
  /// Whether elements are computed: something is done to them, or their type changes.
  var isComputed: Bool {
    !contributions.isEmpty || source.map { $0.info.dtype != dtype } ?? true
  }

  /// The sum of the inner extents of its updates' products.
  var productDepth: Int { contributions.reduce(0) { $0 + ($1.update.delta?.depth ?? 0) } }

  /// Its extents as those of the matrix that updates are computed for: the first against the
  /// product of the others, or for a stack of products all rows against the last.
  var matrix: (rows: Int, columns: Int) {
    let isStack = contributions.contains {
      if case .stack? = $0.update.delta { return true }
      return false
    }
    guard isStack, let columns = shape.extents.last, columns > 0 else { return shape.matrix }
    return (shape.elementCount / columns, columns)
  }

  /// Whether its updates are all added, so that they can be scaled together.
  var isAdditive: Bool {
    contributions.allSatisfy {
      if case .delta = $0.update.change { return true }
      return false
    }
  }

  /// The rotation that changes it; nil where there is none.
  var rotation: Rotation? {
    for case .rotation(let rotation) in contributions.map(\.update.change) { return rotation }
    return nil
  }

  /// Whether some update has magnitudes.
  var hasMagnitudes: Bool {
    contributions.contains {
      if case .magnitude = $0.update.change { return true }
      return false
    }
  }

  /// The base's elements, of which a grown tensor has fewer; 0 where the adapter brings it whole.
  var sourceElementCount: Int { source?.info.shape.elementCount ?? 0 }
}
