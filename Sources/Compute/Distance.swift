internal import CKernels
public import Tensors

/// How far actual elements lie from expected ones, counted in representable numbers (ulp).
public struct Distance: Sendable, Hashable {
  /// Elements equal bit for bit; a NaN equals any NaN.
  public var exactCount = 0
  /// Elements that differ by at most the tolerance.
  public var withinCount = 0
  /// Elements that differ by more.
  public var beyondCount = 0
  /// Elements that differ at all.
  public var offCount: Int { withinCount + beyondCount }
  /// The largest distance.
  public var largest: UInt64 = 0

  /// No elements yet.
  public init() {}

  /// Compares the first `count` elements of two buffers and adds what was found.
  public mutating func add(
    expected: [UInt8],
    actual: [UInt8],
    type: DType,
    count: Int,
    tolerance: UInt64
  ) {
    precondition(count * type.elementByteCount <= min(expected.count, actual.count))
    var kernel = adapterctl_distance()
    unsafe expected.withUnsafeBytes { expected in
      unsafe actual.withUnsafeBytes { actual in
        guard count > 0, let a = expected.baseAddress, let b = actual.baseAddress else { return }
        unsafe adapterctl_measure_distance(
          type.computedElement,
          a,
          b,
          count,
          tolerance,
          &kernel
        )
      }
    }
    exactCount += Int(kernel.exact)
    withinCount += Int(kernel.within)
    beyondCount += Int(kernel.beyond)
    largest = max(largest, kernel.largest)
  }

  /// Adds the counts of other elements.
  public mutating func add(_ other: Distance) {
    exactCount += other.exactCount
    withinCount += other.withinCount
    beyondCount += other.beyondCount
    largest = max(largest, other.largest)
  }
}
