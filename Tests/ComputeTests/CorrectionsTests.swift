import Compute
import Tensors
import TestSupport
import Testing

@Suite struct CorrectionsTests {
  static let forms = Patterns.forms

  @Test(arguments: Patterns.types, [0, 1, 15, 16, 63, 64, 65, 130])
  func `lead from any bits to any others`(type: DType, count: Int) {
    var generator = SeededGenerator(seed: UInt64(count))
    let mask = Layout(type).sign &* 2 &- 1
    let base = (0..<count).map { _ in generator.next() & mask }
    let predicted = base.map { generator.index(below: 3) == 0 ? generator.next() & mask : $0 }
    let differing = base.indices.filter { base[$0] != predicted[$0] }
    for form in Self.forms {
      var scratch = CorrectionScratch()
      scratch.appendDifferences(
        base: Patterns.bytes(base, of: type),
        predicted: Patterns.bytes(predicted, of: type),
        type: type,
        count: count,
        form: form
      )
      #expect(scratch.offsets == differing.map(UInt32.init))
      #expect(
        scratch.values
          == differing.map { SlowMerge.correction(from: predicted[$0], to: base[$0], of: type) }
      )
      var bytes = Patterns.bytes(predicted, of: type)
      Corrections(elementCount: count, offsets: scratch.offsets, values: scratch.values)
        .apply(to: &bytes, type: type)
      #expect(Patterns.patterns(bytes, of: type) == base)
    }
  }

  @Test(arguments: Patterns.types)
  func `join any two special patterns`(type: DType) {
    let specials = Patterns.specials(of: type)
    let pairs = specials.flatMap { a in specials.map { (a, $0) } }
    let (base, predicted) = (pairs.map(\.0), pairs.map(\.1))
    var scratch = CorrectionScratch()
    scratch.appendDifferences(
      base: Patterns.bytes(base, of: type),
      predicted: Patterns.bytes(predicted, of: type),
      type: type,
      count: pairs.count,
      form: .best
    )
    #expect(!scratch.values.contains(0))
    var bytes = Patterns.bytes(predicted, of: type)
    Corrections(elementCount: pairs.count, offsets: scratch.offsets, values: scratch.values)
      .apply(to: &bytes, type: type)
    #expect(Patterns.patterns(bytes, of: type) == base)
  }

  @Test func `are small for neighbours`() {
    // One step up, one down, across zero, and none.
    let base: [UInt64] = [0x3F81, 0x3F7F, 0x8000, 0x3F80]
    let predicted: [UInt64] = [0x3F80, 0x3F80, 0x0000, 0x3F80]
    var scratch = CorrectionScratch()
    scratch.appendDifferences(
      base: Patterns.bytes(base, of: .bf16),
      predicted: Patterns.bytes(predicted, of: .bf16),
      type: .bf16,
      count: 4,
      form: .best
    )
    #expect(scratch.offsets == [0, 1, 2] && scratch.values == [2, 1, 1])
  }

  @Test func `are sorted with their values, and forgotten with their room kept`() {
    var scratch = CorrectionScratch()
    scratch.sort()
    #expect(scratch.count == 0 && scratch.offsets.isEmpty)
    let one = MergeCase(.bf16, .bf16, .uniform, count: 500, ratio: 1, wild: false, seed: 2)
    let arithmetic = MergeArithmetic(baseType: .bf16, mergedType: .bf16, form: .best)
    let expected = one.outcome(.best)
    for _ in 0..<2 {
      var corrections: CorrectionScratch? = scratch
      var (merged, sums) = (expected.merged, MergeSums())
      for start in [400, 100, 300, 0, 200] {
        arithmetic.merge(
          .init(start: start, count: 100, deltaStart: start, gain: one.gain),
          base: one.baseBytes,
          delta: one.delta,
          merged: &merged,
          sums: &sums,
          corrections: &corrections
        )
      }
      scratch = corrections ?? scratch
      #expect(scratch.count > 5 && scratch.offsets != expected.offsets)
      scratch.sort()
      #expect(scratch.offsets == expected.offsets && scratch.values == expected.values)
      scratch.removeAll()
      #expect(scratch.count == 0 && scratch.values.isEmpty)
    }
  }
}
