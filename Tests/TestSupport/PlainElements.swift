public import Tensors

/// Elements of tensors converted one at a time in plain Swift, for comparing kernels with.
public enum PlainElements {
  /// The bits of a value in an element type, rounded once to nearest even.
  public static func bits(of value: Float, as dtype: DType) -> UInt64 {
    switch dtype {
    case .bf16:
      let bits = value.bitPattern
      if value.isNaN { return UInt64(bits >> 16 | 0x40) }
      return UInt64((bits + 0x7FFF + (bits >> 16 & 1)) >> 16)
    case .f16: return UInt64(Float16(value).bitPattern)
    case .f32: return UInt64(value.bitPattern)
    case .f64: return Double(value).bitPattern
    default: fatalError("\(dtype) is not computed with")
    }
  }

  /// The value of an element's bits; F64 is rounded.
  public static func value(of bits: UInt64, as dtype: DType) -> Float {
    switch dtype {
    case .bf16: return Float(bitPattern: UInt32(bits) << 16)
    case .f16: return Float(Float16(bitPattern: UInt16(bits)))
    case .f32: return Float(bitPattern: UInt32(bits))
    case .f64: return Float(Double(bitPattern: bits))
    default: fatalError("\(dtype) is not computed with")
    }
  }

  /// Values as little-endian bytes.
  public static func bytes(_ values: [Float], as dtype: DType) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(values.count * dtype.bitWidth / 8)
    for value in values { append(bits(of: value, as: dtype), of: dtype, to: &bytes) }
    return bytes
  }

  /// Appends an element's bits, little-endian.
  public static func append(_ bits: UInt64, of dtype: DType, to bytes: inout [UInt8]) {
    for place in 0..<dtype.bitWidth / 8 {
      bytes.append(UInt8(truncatingIfNeeded: bits >> UInt64(8 * place)))
    }
  }

  /// Little-endian bytes as the bits of their elements.
  public static func bits(_ bytes: [UInt8], of dtype: DType) -> [UInt64] {
    let width = dtype.bitWidth / 8
    return stride(from: 0, to: bytes.count, by: width).map { start in
      var bits: UInt64 = 0
      for place in 0..<width { bits |= UInt64(bytes[start + place]) << UInt64(8 * place) }
      return bits
    }
  }

  /// Little-endian bytes as values.
  public static func values(_ bytes: [UInt8], of dtype: DType) -> [Float] {
    bits(bytes, of: dtype).map { value(of: $0, as: dtype) }
  }
}
