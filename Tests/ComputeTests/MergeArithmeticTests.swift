import Compute
import Tensors
import Testing

@Suite struct MergeArithmeticTests {
  static let counts = [0, 1, 15, 16, 17, 63, 65, 1023, 1024, 1025]

  /// Checks one case in every form against the twin, and that corrections restore the base.
  static func check(_ one: MergeCase, _ label: String) {
    let expected = one.expected
    let merged = Patterns.bytes(expected.map(\.merged), of: one.merged)
    let predicted = Patterns.bytes(expected.map(\.predicted), of: one.base)
    let missed = expected.indices.filter { expected[$0].predicted != one.patterns[$0] }
    let corrections = missed.map {
      SlowMerge.correction(from: expected[$0].predicted, to: one.patterns[$0], of: one.base)
    }
    for form in Patterns.forms {
      let outcome = one.outcome(form)
      #expect(outcome.merged == merged, "\(label), \(form)")
      #expect(outcome.predicted == predicted, "\(label), \(form)")
      #expect(outcome.offsets == missed.map(UInt32.init), "\(label), \(form)")
      #expect(outcome.values == corrections, "\(label), \(form)")
      var restored = outcome.predicted
      Corrections(
        elementCount: one.patterns.count,
        offsets: outcome.offsets,
        values: outcome.values
      ).apply(to: &restored, type: one.base)
      #expect(restored == one.baseBytes, "\(label), \(form)")
    }
  }

  @Test(arguments: Patterns.types, Patterns.types)
  func `merges and comes back as its twin says`(base: DType, merged: DType) {
    for gains in MergeCase.Gains.allCases {
      for count in Self.counts {
        let one = MergeCase(
          base,
          merged,
          gains,
          count: count,
          ratio: 0.01,
          wild: count != 1024,
          seed: UInt64(count)
        )
        Self.check(one, "\(gains), \(count) elements")
      }
    }
  }

  @Test(arguments: [1e-4, 1e-3, 1e-2, 0.1, 1] as [Float])
  func `is undone for deltas of any size`(ratio: Float) {
    for type in Patterns.types {
      for gains in MergeCase.Gains.allCases {
        let one = MergeCase(type, type, gains, count: 300, ratio: ratio, wild: false, seed: 5)
        Self.check(one, "\(type), \(gains)")
      }
    }
  }

  @Test func `stores one NaN, whatever made it`() {
    let patterns: [UInt64] = [0x7F81, 0xFFFF, 0x7F80, 0xFF80, 0x3F80, 0x7FC5]
    let delta: [Float] = [1, .nan, -.infinity, .infinity, .nan, -.nan]
    for form in Patterns.forms {
      let arithmetic = MergeArithmetic(baseType: .bf16, mergedType: .bf16, form: form)
      var merged = [UInt8](repeating: 0, count: 12)
      var (sums, corrections) = (MergeSums(), CorrectionScratch?.none)
      arithmetic.merge(
        .init(start: 0, count: 6, deltaStart: 0),
        base: Patterns.bytes(patterns, of: .bf16),
        delta: delta,
        merged: &merged,
        sums: &sums,
        corrections: &corrections
      )
      #expect(
        Patterns.patterns(merged, of: .bf16) == Array(repeating: 0x7FC0, count: 6),
        "\(form)"
      )
      #expect(sums.dot == 0 && sums.intendedSquares == 0 && sums.baseSquares == 0)
    }
  }

  @Test func `a gain of zero is undone by corrections`() {
    for type in Patterns.types {
      let count = Patterns.specials(of: type).count
      let made = MergeCase(type, type, .none, count: count, ratio: 0.1, wild: true, seed: 8)
      let one = MergeCase(of: made, gain: .each(Array(repeating: 0, count: count)[...]))
      Self.check(one, "\(type)")
    }
  }

  @Test(arguments: Patterns.forms)
  func `a run lies where it says`(form: KernelForm) {
    let whole = MergeCase(.bf16, .f32, .none, count: 100, ratio: 0.1, wild: true, seed: 3)
    let expected = whole.outcome(form)
    let arithmetic = MergeArithmetic(baseType: .bf16, mergedType: .f32, form: form)
    var merged = [UInt8](repeating: 0, count: 400)
    var predicted = [UInt8](repeating: 0, count: 200)
    var sums = MergeSums()
    var corrections: CorrectionScratch? = CorrectionScratch()
    // Backwards, and with the deltas of each run somewhere else.
    for range in [61..<100, 7..<61, 7..<7, 0..<7] {
      let delta = [9, 9, 9] + whole.delta[range]
      let run = MergeArithmetic.Run(start: range.lowerBound, count: range.count, deltaStart: 3)
      arithmetic.merge(
        run,
        base: whole.baseBytes,
        delta: delta,
        merged: &merged,
        sums: &sums,
        corrections: &corrections
      )
      arithmetic.predict(run, merged: merged, delta: delta, base: &predicted)
    }
    corrections?.sort()
    #expect(merged == expected.merged && predicted == expected.predicted)
    #expect(corrections?.offsets == expected.offsets && corrections?.values == expected.values)
    #expect(sums.changedCount == expected.sums.changedCount && sums.elementCount == 100)
  }
}

extension MergeCase {
  /// The same elements under another gain.
  init(of other: MergeCase, gain: Gain) {
    (base, merged, patterns) = (other.base, other.merged, other.patterns)
    (delta, self.gain) = (other.delta, gain)
  }
}
