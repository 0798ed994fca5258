import Adapters
import Compute
import Testing

@Suite struct CorrectionTests {
  /// A number of every kind.
  static let kinds: [Float] = [
    -.nan, -.infinity, -.greatestFiniteMagnitude, -1, -.leastNonzeroMagnitude, -0.0,
    0, .leastNonzeroMagnitude, .leastNormalMagnitude, 1, .infinity, .nan,
  ]

  @Test func `restores any bits from any others`() {
    for width in ElementWidth.allCases {
      let mask = UInt64.max >> (64 - width.bitCount)
      let patterns: [UInt64] = [0, 1, 2, 0x7f80, 0x8000, 0x8001, 0x7fff, 0xffff, 0x1234_5678_9abc]
      let all = patterns.flatMap { [$0 & mask, ~$0 & mask] }
      for predicted in all {
        for original in all {
          let correction = Correction.from(predicted, to: original, width: width)
          #expect(correction & ~mask == 0)
          #expect((correction == 0) == (predicted == original))
          #expect(Correction.apply(correction, to: predicted, width: width) == original)
        }
      }
    }
  }

  @Test func `counts the representable numbers between`() {
    for value in Self.kinds where value.isFinite {
      let bits = UInt64(value.bitPattern)
      let above = UInt64(value.nextUp.bitPattern)
      guard value.nextUp.isFinite, value != 0, value.nextUp != 0 else { continue }
      #expect(Correction.from(bits, to: above, width: .four) == 2)
      #expect(Correction.from(above, to: bits, width: .four) == 1)
    }
    // -0 lies one below +0, in every width.
    #expect(Correction.from(0, to: 0x8000, width: .two) == 1)
    #expect(Correction.from(0x8000_0000, to: 0, width: .four) == 2)
  }
}
