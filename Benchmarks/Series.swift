internal import Digests

/// Made-up checkpoints of a training run: weights in bfloat16, cut into chunks, that move a little
/// from one to the next.
struct Series {
  /// The chunks of each checkpoint, 32 MiB in all.
  let steps: [[[UInt8]]]

  /// So many checkpoints, the same in every run.
  init(count: Int) {
    var weights = (0..<4).map { Samples.floats(1 << 22, seed: $0, scale: 0.02) }.joined()
      .map { $0 * $0 * $0 * 125_000 / 50 }
    steps = (0..<count).map { step in
      let moves = Samples.floats(1 << 16, seed: UInt64(100 + step), scale: 2e-4)
      for index in weights.indices { weights[index] += moves[index & 0xFFFF] }
      return stride(from: 0, to: weights.count, by: 1 << 19).map {
        Self.bfloat16(weights[$0..<$0 + 1 << 19])
      }
    }
  }

  var byteCount: Int { steps.reduce(0) { $0 + $1.reduce(0) { $0 + $1.count } } }

  /// Bytes hashed by one core, in 10⁹ a second.
  var hashingRate: Double {
    let chunks = steps[0]
    let seconds = Measurement.seconds { for chunk in chunks { _ = BLAKE3.digest(of: chunk) } }
    return Double(chunks.reduce(0) { $0 + $1.count }) / seconds / 1e9
  }

  /// Numbers rounded to bfloat16, to nearest even.
  static func bfloat16(_ numbers: ArraySlice<Float>) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 2 * numbers.count)
    for (index, number) in numbers.enumerated() {
      let short = (number.bitPattern + 0x7FFF + (number.bitPattern >> 16 & 1)) >> 16
      bytes[2 * index] = UInt8(truncatingIfNeeded: short)
      bytes[2 * index + 1] = UInt8(truncatingIfNeeded: short >> 8)
    }
    return bytes
  }
}
