/// Evenly distributed numbers in [−bound, bound), as PyTorch's CPU generator draws them for single
/// precision: MT19937, the low 24 bits of one 32-bit output a number, in row-major order.
///
/// Source: PyTorch `at::mt19937`, `uniform_real_distribution<float>`; Matsumoto and Nishimura,
/// init_genrand. A number is u·(b − (−b)) + (−b) with u = (x mod 2²⁴)·2⁻²⁴, the product and the sum
/// rounded once each.
struct UniformDraw: Hashable, Sendable {
  /// The seed, of which the low 32 bits count.
  let seed: UInt64
  /// The outputs that others drew before.
  let skipped: Int
  /// The largest absolute value.
  let bound: Float

  /// The numbers.
  func values(count: Int) -> [Float] {
    var generator = MersenneTwister(seed: UInt32(truncatingIfNeeded: seed))
    for _ in 0..<skipped { _ = generator.next() }
    let width = bound - -bound
    return (0..<count).map { _ in
      Float(generator.next() & 0xFF_FFFF) * 0x1p-24 * width + -bound
    }
  }
}

/// MT19937.
struct MersenneTwister {
  private var state: [UInt32]
  private var place = 624

  init(seed: UInt32) {
    state = [seed]
    state.reserveCapacity(624)
    for index in 1..<624 {
      let last = state[index - 1]
      state.append(1_812_433_253 &* (last ^ last >> 30) &+ UInt32(index))
    }
  }

  mutating func next() -> UInt32 {
    if place == 624 { renew() }
    var output = state[place]
    place += 1
    output ^= output >> 11
    output ^= output << 7 & 0x9D2C_5680
    output ^= output << 15 & 0xEFC6_0000
    return output ^ output >> 18
  }

  private mutating func renew() {
    for index in 0..<624 {
      let mixed = state[index] & 0x8000_0000 | state[(index + 1) % 624] & 0x7FFF_FFFF
      state[index] =
        state[(index + 397) % 624] ^ mixed >> 1 ^ (mixed & 1 == 0 ? 0 : 0x9908_B0DF)
    }
    place = 0
  }
}
