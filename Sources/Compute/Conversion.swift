internal import CKernels
public import Tensors

/// Conversions between element types, each value rounded once to nearest even.
public enum Conversion {
  /// Little-endian elements of `dtype`, widened (F64: rounded) to Float.
  public static func floats(
    _ bytes: [UInt8],
    of dtype: DType,
    form: KernelForm
  ) -> [Float] {
    let count = bytes.count / dtype.elementByteCount
    return unsafe [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      unsafe bytes.withUnsafeBytes { source in
        guard let from = source.baseAddress, let to = buffer.baseAddress else { return }
        unsafe adapterctl_convert(
          form.kernel,
          dtype.computedElement,
          from,
          ADAPTERCTL_F32,
          to,
          count
        )
      }
      initialized = count
    }
  }

  /// Converts `count` elements from the start of `source` to the start of `target`.
  public static func convert(
    _ source: Span<UInt8>,
    from: DType,
    into target: inout MutableSpan<UInt8>,
    to: DType,
    count: Int,
    form: KernelForm
  ) {
    precondition(source.count >= count * from.elementByteCount, "the source holds the elements")
    precondition(target.count >= count * to.elementByteCount, "the target has room for them")
    unsafe source.withUnsafeBufferPointer { source in
      unsafe target.withUnsafeMutableBufferPointer { target in
        guard count > 0, let from_ = source.baseAddress, let to_ = target.baseAddress else {
          return
        }
        unsafe adapterctl_convert(
          form.kernel,
          from.computedElement,
          from_,
          to.computedElement,
          to_,
          count
        )
      }
    }
  }

  /// Doubles as little-endian elements of `dtype`, each rounded once.
  public static func bytes(_ values: [Double], as dtype: DType, form: KernelForm) -> [UInt8] {
    let count = values.count * dtype.elementByteCount
    return unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      unsafe values.withUnsafeBufferPointer { source in
        guard let from = source.baseAddress, let to = buffer.baseAddress else { return }
        unsafe adapterctl_convert(
          form.kernel, ADAPTERCTL_F64, from, dtype.computedElement, to, values.count)
      }
      initialized = count
    }
  }

  /// How many of the values are NaN or infinite.
  public static func nonFiniteCount(_ values: [Float], form: KernelForm) -> Int {
    unsafe values.withUnsafeBufferPointer { values in
      guard let start = values.baseAddress else { return 0 }
      return unsafe adapterctl_count_non_finite(form.kernel, start, values.count)
    }
  }
}

extension Conversion {
  /// Rounds the first `count` values to a narrower type and widens them again.
  public static func round(
    _ values: inout [Float],
    count: Int,
    to dtype: DType,
    form: KernelForm
  ) {
    precondition(count <= values.count, "the values are there")
    unsafe values.withUnsafeMutableBytes { values in
      unsafe withUnsafeTemporaryAllocation(
        byteCount: max(1, count * dtype.elementByteCount),
        alignment: 64
      ) { rounded in
        guard count > 0, let values = values.baseAddress, let rounded = rounded.baseAddress else {
          return
        }
        unsafe adapterctl_convert(
          form.kernel,
          ADAPTERCTL_F32,
          values,
          dtype.computedElement,
          rounded,
          count
        )
        unsafe adapterctl_convert(
          form.kernel,
          dtype.computedElement,
          rounded,
          ADAPTERCTL_F32,
          values,
          count
        )
      }
    }
  }
}

extension Conversion {
  /// Writes values as elements of a type, each rounded once, to the start of `target`.
  public static func write(
    _ values: [Float], as dtype: DType, into target: inout MutableSpan<UInt8>, form: KernelForm
  ) {
    precondition(target.count >= values.count * dtype.elementByteCount, "the target has room")
    unsafe values.withUnsafeBytes { source in
      unsafe target.withUnsafeMutableBufferPointer { target in
        guard !values.isEmpty, let from = source.baseAddress, let to = target.baseAddress else {
          return
        }
        unsafe adapterctl_convert(
          form.kernel, ADAPTERCTL_F32, from, dtype.computedElement, to, values.count)
      }
    }
  }
}
