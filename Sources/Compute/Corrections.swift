internal import CKernels
public import Tensors

/// The corrections of a run of neighbouring elements.
public struct Corrections: Hashable, Sendable {
  /// The number of elements in the run, corrected or not.
  public var elementCount: Int
  /// Which elements are corrected, counted from the start of the run, ascending, [k].
  public var offsets: [UInt32]
  /// Their corrections, none of them 0, [k].
  public var values: [UInt64]

  /// The corrections of a run of `elementCount` elements.
  public init(elementCount: Int, offsets: [UInt32] = [], values: [UInt64] = []) {
    precondition(offsets.count == values.count, "one value per offset")
    self.elementCount = elementCount
    self.offsets = offsets
    self.values = values
  }

  /// Applies the corrections to the predicted elements of the run, which then are the base's, bit
  /// for bit.
  public func apply(to predicted: inout [UInt8], type: DType) {
    precondition(elementCount * type.elementByteCount <= predicted.count)
    unsafe predicted.withUnsafeMutableBytes { bytes in
      guard let start = bytes.baseAddress else { return }
      for (offset, value) in zip(offsets, values) {
        precondition(offset < elementCount, "a correction lies within its run")
        unsafe adapterctl_correct(type.computedElement, start, Int(offset), value)
      }
    }
  }
}
