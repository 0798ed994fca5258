import Compute
import Tensors

/// Elements as bit patterns, and the bytes they are stored in.
enum Patterns {
  /// The patterns' low bytes, little-endian.
  static func bytes(_ patterns: [UInt64], of type: DType) -> [UInt8] {
    let width = type.elementByteCount
    var bytes = [UInt8](repeating: 0, count: patterns.count * width)
    for (index, pattern) in patterns.enumerated() {
      for byte in 0..<width {
        bytes[index * width + byte] = UInt8(truncatingIfNeeded: pattern >> UInt64(8 * byte))
      }
    }
    return bytes
  }

  static func patterns(_ bytes: [UInt8], of type: DType) -> [UInt64] {
    let width = type.elementByteCount
    return (0..<bytes.count / width).map { index in
      var pattern: UInt64 = 0
      for byte in 0..<width { pattern |= UInt64(bytes[index * width + byte]) << UInt64(8 * byte) }
      return pattern
    }
  }

  /// What a kernel form makes of the patterns.
  static func converted(
    _ patterns: [UInt64],
    _ from: DType,
    _ to: DType,
    _ form: KernelForm
  ) -> [UInt64] {
    let source = bytes(patterns, of: from)
    var target = [UInt8](repeating: 0xEE, count: patterns.count * to.elementByteCount)
    var room = target.mutableSpan
    Conversion.convert(
      source.span,
      from: from,
      into: &room,
      to: to,
      count: patterns.count,
      form: form
    )
    return Self.patterns(target, of: to)
  }

  /// The forms this machine runs.
  static let forms = KernelForm.allCases.filter(\.isSupported)
  /// The types that are computed with.
  static let types: [DType] = [.bf16, .f16, .f32, .f64]

  /// Zeros, subnormals, ones, largest numbers, infinities, quiet and signalling NaN, of both signs.
  static func specials(of type: DType) -> [UInt64] {
    let layout = Layout(type)
    let one = layout.infinity / 2 & ~(layout.quiet - 1)
    let magnitudes = [
      0, 1, 2, layout.quiet * 2 - 1, layout.quiet * 2, one - 1, one, one + 1,
      layout.infinity - 1, layout.infinity, layout.infinity + 1, layout.infinity + layout.quiet,
      layout.infinity + layout.quiet + 3, layout.sign - 1,
    ]
    return magnitudes + magnitudes.map { $0 | layout.sign }
  }
}
