import Compute
import Tensors
import Testing

@Suite struct MergeSumsTests {
  /// The sums in Double, and the sums of the terms' magnitudes.
  struct Twin {
    var dot = 0.0, dotMagnitude = 0.0, intendedSquares = 0.0, baseSquares = 0.0
    var changed = 0, overflowed = 0

    init(_ elements: [SlowMerge.Element]) {
      for (base, intended, stored) in elements.map(\.values) {
        changed += stored != base && !base.isNaN ? 1 : 0
        overflowed += stored.isInfinite && base.isFinite ? 1 : 0
        let change = stored - base
        guard (change + intended).isFinite else { continue }
        dot += change * intended
        dotMagnitude += abs(change * intended)
        intendedSquares += intended * intended
        baseSquares += base * base
      }
    }
  }

  /// A lane adds at most 64 terms, each of them rounded at most twice before, in Float: every sum is
  /// within 66 · 2⁻²⁴ of the terms' magnitudes, and what Double adds to that is less than one more.
  static let tolerance = 67 * 0x1p-24

  @Test(arguments: Patterns.types, MergeCase.Gains.allCases)
  func `are those of the twin, and the same in every form`(
    base: DType,
    gains: MergeCase.Gains
  ) {
    for merged in Patterns.types {
      for count in MergeArithmeticTests.counts {
        let one = MergeCase(
          base,
          merged,
          gains,
          count: count,
          ratio: 0.1,
          wild: false,
          seed: UInt64(count + 1)
        )
        let twin = Twin(one.expected)
        let sums = one.outcome(.scalar).sums
        for form in Patterns.forms {
          #expect(one.outcome(form).sums == sums, "\(merged), \(count), \(form)")
          #expect(one.outcome(form, corrects: false).sums == sums)
        }
        #expect(abs(sums.dot - twin.dot) <= Self.tolerance * twin.dotMagnitude)
        #expect(
          abs(sums.intendedSquares - twin.intendedSquares)
            <= Self.tolerance * twin.intendedSquares
        )
        #expect(abs(sums.baseSquares - twin.baseSquares) <= Self.tolerance * twin.baseSquares)
        #expect(sums.changedCount == twin.changed && sums.overflowedCount == twin.overflowed)
        #expect(sums.elementCount == count)
      }
    }
  }

  /// Specials of one strip leave the sums of the others alone, and drown none.
  @Test(arguments: Patterns.types)
  func `count what overflows and leave out what is not finite`(type: DType) {
    for merged in Patterns.types {
      let one = MergeCase(type, merged, .none, count: 2_100, ratio: 0.1, wild: true, seed: 21)
      let twin = Twin(one.expected)
      let sums = one.outcome(.scalar).sums
      for form in Patterns.forms { #expect(one.outcome(form).sums == sums, "\(merged), \(form)") }
      #expect(sums.changedCount == twin.changed && sums.overflowedCount == twin.overflowed)
      #expect(!sums.dot.isNaN && sums.intendedSquares.isFinite)
      #expect(abs(sums.dot - twin.dot) <= Self.tolerance * twin.dotMagnitude)
    }
  }

  @Test func `survival, relative change and share come from the sums`() {
    var sums = MergeSums()
    #expect(sums.survival == 1 && sums.changedShare == 0)
    (sums.dot, sums.intendedSquares, sums.baseSquares) = (3, 4, 16)
    (sums.changedCount, sums.elementCount) = (1, 4)
    #expect(sums.survival == 0.75 && sums.relativeChange == 0.5 && sums.changedShare == 0.25)
    sums.add(sums)
    #expect(sums.survival == 0.75 && sums.elementCount == 8)
  }

  @Test(arguments: Patterns.forms)
  func `of a substitution compare what was stored with what was there`(form: KernelForm) {
    let base = Patterns.bytes([1.0, 2, .infinity, .nan, 4].map(Layout(.f32).nearest), of: .f32)
    let merged = Patterns.bytes([1.5, 2, 1, 1, .infinity].map(Layout(.bf16).nearest), of: .bf16)
    let sums = MergeSums.ofSubstitution(
      base: base,
      baseType: .f32,
      merged: merged,
      mergedType: .bf16,
      count: 5,
      form: form
    )
    #expect(sums.dot == 0.25 && sums.intendedSquares == 0.25 && sums.baseSquares == 5)
    #expect(sums.changedCount == 3 && sums.overflowedCount == 1 && sums.elementCount == 5)
  }
}
