import Compute
import Tensors
import TestSupport

/// A made-up run of elements, and what kernels and twin make of it.
struct MergeCase {
  let base: DType
  let merged: DType
  let patterns: [UInt64]
  let delta: [Float]
  let gain: Gain

  enum Gains: CaseIterable { case none, uniform, each }

  /// `ratio` is the size of deltas against the base's; with `wild`, the base begins with specials.
  init(
    _ base: DType,
    _ merged: DType,
    _ gains: Gains,
    count: Int,
    ratio: Float,
    wild: Bool,
    seed: UInt64
  ) {
    var generator = SeededGenerator(seed: seed)
    func number() -> Float { Float(Int32(truncatingIfNeeded: generator.next())) * 0x1p-31 }
    var patterns = wild ? Patterns.specials(of: base) : []
    while patterns.count < count { patterns.append(Layout(base).nearest(Double(number()))) }
    self.base = base
    self.merged = merged
    self.patterns = Array(patterns.prefix(count))
    delta = (0..<count).map { $0 % 7 == 3 ? 0 : number() * ratio }
    switch gains {
    case .none: gain = .none
    case .uniform: gain = .uniform(-1.25)
    case .each: gain = .each((0..<count).map { _ in 1 + number() * ratio }[...])
    }
  }

  func gain(at index: Int) -> Float? {
    switch gain {
    case .none: nil
    case .uniform(let factor): factor
    case .each(let factors): factors[factors.startIndex + index]
    }
  }

  /// The twin's results.
  var expected: [SlowMerge.Element] {
    let twin = SlowMerge(base: base, merged: merged)
    return patterns.indices.map {
      twin.element(patterns[$0], delta: delta[$0], gain: gain(at: $0))
    }
  }

  /// A kernel's results.
  struct Outcome: Equatable {
    var merged: [UInt8]
    var predicted: [UInt8]
    var offsets: [UInt32]
    var values: [UInt64]
    var sums: MergeSums
  }

  var baseBytes: [UInt8] { Patterns.bytes(patterns, of: base) }

  func outcome(_ form: KernelForm, corrects: Bool = true) -> Outcome {
    let arithmetic = MergeArithmetic(baseType: base, mergedType: merged, form: form)
    let run = MergeArithmetic.Run(start: 0, count: patterns.count, deltaStart: 0, gain: gain)
    var bytes = [UInt8](repeating: 0, count: patterns.count * merged.elementByteCount)
    var sums = MergeSums()
    var corrections: CorrectionScratch? = corrects ? CorrectionScratch() : nil
    arithmetic.merge(
      run,
      base: baseBytes,
      delta: delta,
      merged: &bytes,
      sums: &sums,
      corrections: &corrections
    )
    var predicted = [UInt8](repeating: 0, count: patterns.count * base.elementByteCount)
    arithmetic.predict(run, merged: bytes, delta: delta, base: &predicted)
    return Outcome(
      merged: bytes,
      predicted: predicted,
      offsets: corrections?.offsets ?? [],
      values: corrections?.values ?? [],
      sums: sums
    )
  }
}
