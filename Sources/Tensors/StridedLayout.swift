/// How the elements of a tensor lie in a run of elements: element (i, j, …) at i · strides[0] +
/// j · strides[1] + ….
struct StridedLayout: Hashable {
  let shape: Shape
  /// The distance in elements between neighbours of each dimension, none of them negative.
  let strides: [Int]
  /// The length of the run from the first to the last element, in elements; 0 where there are none.
  let spanElementCount: Int

  /// Most dimensions a tensor may have; PyTorch has the same limit.
  static let rankLimit = 64

  /// Takes a layout; nil where a number is negative, their counts differ or the run cannot be
  /// counted.
  init?(shape: Shape, strides: [Int]) {
    guard shape.rank == strides.count, shape.rank <= Self.rankLimit else { return nil }
    var last = 0
    for (extent, stride) in zip(shape.extents, strides) {
      guard stride >= 0 else { return nil }
      let (step, productOverflow) = max(0, extent - 1).multipliedReportingOverflow(by: stride)
      let (sum, sumOverflow) = last.addingReportingOverflow(step)
      guard !productOverflow, !sumOverflow, sum < Int.max else { return nil }
      last = sum
    }
    self.shape = shape
    self.strides = strides
    spanElementCount = shape.elementCount == 0 ? 0 : last + 1
  }

  /// Whether the elements follow one another in C order; the strides of dimensions without a
  /// neighbour do not count.
  var isContiguous: Bool {
    if shape.elementCount == 0 { return true }
    var expected = 1
    for (extent, stride) in zip(shape.extents, strides).reversed() where extent != 1 {
      guard stride == expected else { return false }
      expected *= extent
    }
    return true
  }

  /// The elements in C order, out of the run `span` of elements of `width` bytes.
  ///
  /// `span` holds `spanElementCount` elements.
  func gathered(from span: [UInt8], width: Int) -> [UInt8] {
    var gathered: [UInt8] = []
    gathered.reserveCapacity(shape.elementCount * width)
    var index = [Int](repeating: 0, count: shape.rank)
    var element = 0
    for _ in 0..<shape.elementCount {
      gathered += span[element * width..<(element + 1) * width]
      // Counts up like an odometer, innermost dimension first. One step beyond the last element
      // may leave `Int` before it is taken back, so the sums wrap.
      var dimension = shape.rank - 1
      while dimension >= 0 {
        index[dimension] += 1
        element &+= strides[dimension]
        if index[dimension] < shape.extents[dimension] { break }
        element &-= strides[dimension] &* shape.extents[dimension]
        index[dimension] = 0
        dimension -= 1
      }
    }
    return gathered
  }
}
