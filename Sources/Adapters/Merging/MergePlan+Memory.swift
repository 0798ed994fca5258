internal import Compute
internal import Tensors

extension MergePlan {
  /// The private memory the merge will need at most with so many threads, in bytes: each thread's
  /// buffers, and the factors of the tensors that can be under way at once. It does not grow with
  /// the model.
  public func memoryByteCount(workers: Int) -> Int {
    let overhead = 24 << 20
    var largestJob = TensorJob.copiedByteCount
    var factors: [Int] = []
    for tensor in tensors where tensor.isComputed {
      let isDeep = tensor.productDepth >= TensorJob.deepProduct
      let step = isDeep ? TensorJob.deepElementCount : TensorJob.elementCount
      let elements = min(step, tensor.shape.elementCount)
      let source = tensor.source?.info.dtype.elementByteCount ?? 0
      // Read, written, and where they are wanted the corrections: an offset and a value each.
      let width = source + tensor.dtype.elementByteCount + (options.writesResidual ? 24 : 0)
      // Whole rows of a mapped tensor as read, mapped, taken back, and a block of each.
      let mapped = tensor.rotation.map { 24 * (elements + $0.rowMargin(of: tensor)) } ?? 0
      largestJob = max(largestJob, elements * width + mapped)
      factors.append(tensor.factorByteCount)
    }
    // A tensor's factors stand side by side as read, as oriented and as packed while they load.
    let underWay = factors.sorted(by: >).prefix(workers + 1).reduce(0, +) * 2
    return overhead + workers * largestJob + underWay
  }
}

extension PlannedTensor {
  /// The bytes of its low-rank factors as Float.
  fileprivate var factorByteCount: Int {
    let (rows, columns) = matrix
    let count = shape.rank == 3 ? shape.extents[0] : 1
    return productDepth * (rows + columns * count) * 4
  }
}

extension Rotation {
  /// The elements of rows that a job reads beyond its own.
  fileprivate func rowMargin(of tensor: PlannedTensor) -> Int {
    2 * tensor.shape.matrix.columns * (stages.map(\.blocks.size).max() ?? 1)
  }
}
