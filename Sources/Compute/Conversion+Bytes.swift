public import Tensors

extension Conversion {
  /// Floats as little-endian elements of `dtype`, each rounded once to nearest even.
  public static func bytes(_ values: [Float], as dtype: DType, form: KernelForm) -> [UInt8] {
    var source: [UInt8] = []
    source.reserveCapacity(values.count * 4)
    for value in values {
      let bits = value.bitPattern
      source.append(UInt8(truncatingIfNeeded: bits))
      source.append(UInt8(truncatingIfNeeded: bits >> 8))
      source.append(UInt8(truncatingIfNeeded: bits >> 16))
      source.append(UInt8(truncatingIfNeeded: bits >> 24))
    }
    guard dtype != .f32 else { return source }
    var target = [UInt8](repeating: 0, count: values.count * dtype.elementByteCount)
    var span = target.mutableSpan
    convert(source.span, from: .f32, into: &span, to: dtype, count: values.count, form: form)
    return target
  }
}
