public import Tensors

extension Conversion {
  /// Little-endian elements of `dtype` as Double, every value exactly.
  public static func doubles(_ bytes: [UInt8], of dtype: DType, form: KernelForm) -> [Double] {
    guard dtype == .f64 else { return floats(bytes, of: dtype, form: form).map(Double.init) }
    return stride(from: 0, to: bytes.count, by: 8).map { start in
      Double(
        bitPattern: bytes[start..<start + 8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
    }
  }
}
