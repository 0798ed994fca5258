/// Blocks of 32 elements of 8 bits that share a scale: ggml's `q8_0`.
///
/// A block is the scale as a half-precision number and 32 signed bytes; an element is scale · byte,
/// which single precision holds exactly.
enum Q8Block {
  static let elementCount = 32
  static let byteCount = 34

  /// The elements of whole blocks, as bytes of single precision.
  static func floats(_ blocks: [UInt8]) -> [UInt8] {
    let count = blocks.count / byteCount
    var bytes = [UInt8](repeating: 0, count: count * elementCount * 4)
    for block in 0..<count {
      let start = block * byteCount
      let scale = single(UInt16(blocks[start]) | UInt16(blocks[start + 1]) << 8)
      for index in 0..<elementCount {
        let code = Int8(bitPattern: blocks[start + 2 + index])
        let bits = (Float(code) * scale).bitPattern
        let place = (block * elementCount + index) * 4
        for byte in 0..<4 { bytes[place + byte] = UInt8(truncatingIfNeeded: bits >> (8 * byte)) }
      }
    }
    return bytes
  }

  /// A half-precision number in single precision, which holds each exactly.
  private static func single(_ half: UInt16) -> Float {
    let sign = UInt32(half >> 15) << 31
    let exponent = UInt32(half >> 10) & 31
    let fraction = UInt32(half & 1023)
    switch exponent {
    case 0:
      let magnitude = Float(fraction) * 0x1p-24
      return sign == 0 ? magnitude : -magnitude
    case 31: return Float(bitPattern: sign | 0xFF << 23 | fraction << 13)
    default: return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
    }
  }
}
