internal import Compute
internal import Glibc
internal import Tensors

/// Made-up weights.
enum Samples {
  /// Numbers between −1 and 1 that depend on the seed alone.
  static func floats(_ count: Int, seed: UInt64, scale: Float = 1) -> [Float] {
    var state = seed
    return (0..<count).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Float(Int32(truncatingIfNeeded: state >> 32)) / 0x1p31 * scale
    }
  }

  /// Numbers of a normal distribution with deviation 0.02, by Box and Muller's transform of pairs.
  static func normal(_ count: Int, seed: UInt64) -> [Float] {
    let uniform = floats(2 * count, seed: seed)
    return stride(from: 0, to: uniform.count, by: 2).map {
      let radius = (-2 * log(Double(max(abs(uniform[$0]), 1e-9)))).squareRoot()
      return Float(0.02 * radius * cos(Double(uniform[$0 + 1]) * .pi))
    }
  }

  /// The uniform numbers in the bytes of an element type.
  static func bytes(_ count: Int, of dtype: DType, seed: UInt64) -> [UInt8] {
    let values = floats(count, seed: seed)
    var source = [UInt8](repeating: 0, count: count * 4)
    for (index, value) in values.enumerated() {
      let bits = value.bitPattern
      for byte in 0..<4 { source[4 * index + byte] = UInt8(truncatingIfNeeded: bits >> (8 * byte)) }
    }
    var target = [UInt8](repeating: 0, count: count * dtype.elementByteCount)
    var room = target.mutableSpan
    Conversion.convert(
      source.span,
      from: .f32,
      into: &room,
      to: dtype,
      count: count,
      form: .best
    )
    return target
  }

  /// The forms this machine runs.
  static let forms = KernelForm.allCases.filter(\.isSupported)
}
