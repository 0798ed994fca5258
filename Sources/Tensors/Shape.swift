/// The extents of a tensor, outermost dimension first; no extents for a scalar.
public struct Shape: Hashable, Sendable, CustomStringConvertible {
  /// The extents, none of them negative.
  public let extents: [Int]
  /// The product of the extents: 1 for a scalar.
  public let elementCount: Int

  /// Takes extents; nil where one is negative or their product does not fit in `Int`.
  public init?(_ extents: [Int]) {
    var count = 1
    for extent in extents {
      guard extent >= 0 else { return nil }
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      guard !overflow else { return nil }
      count = product
    }
    self.extents = extents
    elementCount = count
  }

  /// The number of dimensions.
  public var rank: Int { extents.count }

  /// The shape as a matrix: the first extent against the product of the others.
  public var matrix: (rows: Int, columns: Int) {
    guard let rows = extents.first else { return (1, 1) }
    return (rows, rows == 0 ? 0 : elementCount / rows)
  }

  /// The number of bytes that a tensor of this shape fills; nil where its bits do not end on a byte
  /// or the product does not fit in `Int`.
  public func byteCount(of dtype: DType) -> Int? {
    let (bits, overflow) = elementCount.multipliedReportingOverflow(by: dtype.bitWidth)
    return overflow || bits % 8 != 0 ? nil : bits / 8
  }

  /// `[4096, 14336]`
  public var description: String {
    "[" + extents.map(String.init).joined(separator: ", ") + "]"
  }
}
