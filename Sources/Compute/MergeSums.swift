internal import CKernels
public import Tensors

/// What a merge did to the elements of a tensor, in sums that do not depend on the machine.
public struct MergeSums: Sendable, Hashable {
  /// Σ stored change · intended change.
  public var dot = 0.0
  /// Σ intended change², the squared Frobenius norm of Δ.
  public var intendedSquares = 0.0
  /// Σ base².
  public var baseSquares = 0.0
  /// The elements whose stored value differs from the base's.
  public var changedCount = 0
  /// The finite elements that became infinite, or no number, in the output's type.
  public var overflowedCount = 0
  /// All elements.
  public var elementCount = 0

  /// No elements yet.
  public init() {}

  /// Adds the sums of other elements.
  public mutating func add(_ other: MergeSums) {
    dot += other.dot
    intendedSquares += other.intendedSquares
    baseSquares += other.baseSquares
    changedCount += other.changedCount
    overflowedCount += other.overflowedCount
    elementCount += other.elementCount
  }

  /// The share of the intended change that was stored: its projection ⟨S, Δ⟩ / ⟨Δ, Δ⟩. 1 where
  /// nothing was to change.
  public var survival: Double { intendedSquares > 0 ? dot / intendedSquares : 1 }

  /// ‖Δ‖ / ‖W‖ in Frobenius norms; infinite for a base of zeros.
  public var relativeChange: Double { (intendedSquares / baseSquares).squareRoot() }

  /// The share of elements whose stored value changed.
  public var changedShare: Double {
    elementCount > 0 ? Double(changedCount) / Double(elementCount) : 0
  }

  mutating func add(_ kernel: adapterctl_merge_sums, elementCount: Int) {
    dot += kernel.dot
    intendedSquares += kernel.intended_squares
    baseSquares += kernel.base_squares
    changedCount += Int(kernel.changed)
    overflowedCount += Int(kernel.overflowed)
    self.elementCount += elementCount
  }
}

extension MergeSums {
  /// The sums of elements whose base was replaced: what was intended is the merged value before
  /// its rounding, which differs from it by less than the type can say.
  public static func ofSubstitution(
    base: [UInt8],
    baseType: DType,
    merged: [UInt8],
    mergedType: DType,
    count: Int,
    form: KernelForm
  ) -> MergeSums {
    let before = doubles(base, baseType, count, form)
    let after = doubles(merged, mergedType, count, form)
    var kernel = adapterctl_merge_sums()
    unsafe before.withUnsafeBufferPointer { before in
      unsafe after.withUnsafeBufferPointer { after in
        guard count > 0, let before = before.baseAddress, let after = after.baseAddress else {
          return
        }
        unsafe adapterctl_add_replacement(before, after, after, count, &kernel)
      }
    }
    var sums = MergeSums()
    sums.add(kernel, elementCount: count)
    return sums
  }

  /// How many of the first `count` elements are finite before a conversion and not after it; looks
  /// only where the second type holds less than the first.
  public static func overflowedCount(
    from source: [UInt8], _ from: DType, to target: [UInt8], _ to: DType, count: Int,
    form: KernelForm
  ) -> Int {
    let byRange: [DType] = [.f16, .bf16, .f32, .f64]
    guard let before = byRange.firstIndex(of: from), let after = byRange.firstIndex(of: to),
      after < before
    else { return 0 }
    let (old, new) = (doubles(source, from, count, form), doubles(target, to, count, form))
    return unsafe old.withUnsafeBufferPointer { old in
      unsafe new.withUnsafeBufferPointer { new in
        guard let old = old.baseAddress, let new = new.baseAddress else { return 0 }
        return Int(unsafe adapterctl_count_overflows(old, new, count))
      }
    }
  }

  private static func doubles(
    _ bytes: [UInt8],
    _ dtype: DType,
    _ count: Int,
    _ form: KernelForm
  ) -> [Double] {
    precondition(bytes.count >= count * dtype.elementByteCount)
    return unsafe [Double](unsafeUninitializedCapacity: count) { buffer, initialized in
      unsafe bytes.withUnsafeBytes { source in
        guard count > 0, let from = source.baseAddress, let to = buffer.baseAddress else { return }
        unsafe adapterctl_convert(
          form.kernel,
          dtype.computedElement,
          from,
          ADAPTERCTL_F64,
          to,
          count
        )
      }
      initialized = count
    }
  }
}
