internal import CKernels
public import Tensors

/// Room for the corrections of one job, filled run by run and used again for the next job.
///
/// A correction says how many representable numbers lie between a predicted element and the
/// base's: see `adapterctl_merge` in CKernels for the mapping.
public struct CorrectionScratch: Sendable {
  private var offsetRoom: [UInt32] = []
  private var valueRoom: [UInt64] = []
  /// The number of corrections.
  public private(set) var count = 0

  /// No corrections and no room yet.
  public init() {}

  /// Which elements are corrected, counted from the start of the job, `[count]`.
  public var offsets: [UInt32] { Array(offsetRoom[..<count]) }
  /// Their corrections, none of them 0, `[count]`.
  public var values: [UInt64] { Array(valueRoom[..<count]) }

  /// Forgets the corrections and keeps the room.
  public mutating func removeAll() { count = 0 }

  /// Puts the corrections in the order of their offsets, which deep products do not keep.
  public mutating func sort() {
    guard zip(offsetRoom[..<count], offsetRoom[..<count].dropFirst()).contains(where: >) else {
      return
    }
    let order = (0..<count).sorted { offsetRoom[$0] < offsetRoom[$1] }
    let (offsets, values) = (order.map { offsetRoom[$0] }, order.map { valueRoom[$0] })
    offsetRoom.replaceSubrange(..<count, with: offsets)
    valueRoom.replaceSubrange(..<count, with: values)
  }

  /// Appends a correction for every element in which base and prediction differ by a bit.
  ///
  /// Both hold `count` elements of `type` from their start on; the first one's offset is 0.
  public mutating func appendDifferences(
    base: [UInt8],
    predicted: [UInt8],
    type: DType,
    count: Int,
    form: KernelForm
  ) {
    precondition(count * type.elementByteCount <= min(base.count, predicted.count))
    unsafe base.withUnsafeBytes { base in
      unsafe predicted.withUnsafeBytes { predicted in
        guard count > 0, let a = base.baseAddress, let b = predicted.baseAddress else { return }
        unsafe withKernel(roomFor: count) { kernel in
          unsafe adapterctl_find_corrections(
            form.kernel,
            type.computedElement,
            a,
            b,
            count,
            &kernel,
            0
          )
        }
      }
    }
  }

  mutating func withKernel(
    roomFor newCount: Int,
    _ body: (inout adapterctl_corrections) -> Void
  ) {
    let missing = count + newCount - offsetRoom.count
    if missing > 0 {
      offsetRoom.append(contentsOf: repeatElement(0, count: max(missing, offsetRoom.count)))
      valueRoom.append(contentsOf: repeatElement(0, count: offsetRoom.count - valueRoom.count))
    }
    var used = count
    unsafe offsetRoom.withUnsafeMutableBufferPointer { offsets in
      unsafe valueRoom.withUnsafeMutableBufferPointer { values in
        var kernel = unsafe adapterctl_corrections(
          indices: offsets.baseAddress,
          values: values.baseAddress,
          count: used
        )
        unsafe body(&kernel)
        unsafe used = kernel.count
      }
    }
    count = used
  }
}
