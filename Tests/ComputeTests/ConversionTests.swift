import Compute
import Tensors
import TestSupport
import Testing

@Suite struct ConversionTests {
  static let all16 = (0..<65_536).map(UInt64.init)

  /// A conversion by the twin: BF16 to F32 moves the bits; else a NaN is quieted.
  static func expected(_ patterns: [UInt64], _ from: DType, _ to: DType) -> [UInt64] {
    let (source, target) = (Layout(from), Layout(to))
    return patterns.map { pattern in
      if from == to { return pattern }
      if from == .bf16, to == .f32 { return pattern << 16 }
      let magnitude = pattern & (source.sign - 1)
      guard magnitude > source.infinity else { return target.nearest(source.number(pattern)) }
      let payload = (magnitude - source.infinity) << (52 - source.fractionBits)
      return (pattern & source.sign == 0 ? 0 : target.sign) | target.infinity | target.quiet
        | payload >> (52 - target.fractionBits)
    }
  }

  static func check(_ patterns: [UInt64], _ from: DType, _ to: DType) {
    let expected = expected(patterns, from, to)
    for form in Patterns.forms {
      let actual = Patterns.converted(patterns, from, to, form)
      guard actual != expected else { continue }
      for index in patterns.indices where actual[index] != expected[index] {
        let text = [patterns[index], actual[index], expected[index]].map { String($0, radix: 16) }
        Issue.record("\(from) to \(to), \(form): \(text[0]) gives \(text[1]), not \(text[2])")
        break
      }
    }
  }

  @Test(arguments: [DType.bf16, .f16])
  func `every 16-bit pattern converts as its number says`(from: DType) {
    for to in Patterns.types { Self.check(Self.all16, from, to) }
  }

  /// For every pair of neighbours: both, their middle, and the middle's own neighbours.
  @Test(arguments: [DType.f32, .f64], [DType.bf16, .f16])
  func `rounding between any two neighbours goes to the nearest, ties to even`(
    from: DType,
    to: DType
  ) {
    let (source, target) = (Layout(from), Layout(to))
    var patterns: [UInt64] = []
    for low in Self.all16 where low & (target.sign - 1) < target.infinity {
      let start = source.nearest(target.number(low))
      // Beyond the largest number lies what would follow it.
      let above = low & (target.sign - 1) + 1
      let next =
        above == target.infinity
        ? 2 * target.number(above - 1) - target.number(above - 2) : target.number(above)
      let end = source.nearest(low & target.sign == 0 ? next : -next)
      let middle = source.nearest((source.number(start) + source.number(end)) / 2)
      patterns += [start, middle - 1, middle, middle + 1]
    }
    Self.check(patterns, from, to)
  }

  @Test(arguments: Patterns.types, Patterns.types)
  func `specials and random bits of any type convert`(from: DType, to: DType) {
    var generator = SeededGenerator(seed: 11)
    let mask = Layout(from).sign &* 2 &- 1
    let random = (0..<2_000).map { _ in generator.next() & mask }
    Self.check(Patterns.specials(of: from) + random, from, to)
  }

  @Test(arguments: [0, 1, 2, 15, 16, 17, 31, 33, 100])
  func `any count at any address converts, and nothing beyond it`(count: Int) {
    let patterns = (0..<count).map { UInt64($0 * 331 + 1) }
    for (from, to) in [(DType.bf16, DType.f32), (.f32, .f16), (.f64, .bf16), (.f16, .f64)] {
      let numbers = patterns.map { Layout(from).nearest(Double($0)) }
      for form in Patterns.forms {
        let source = [0x55] + Patterns.bytes(numbers, of: from)
        var target = [UInt8](repeating: 0xEE, count: count * to.elementByteCount + 2)
        var all = target.mutableSpan
        var room = all._mutatingExtracting(1...)
        Conversion.convert(
          source.span.extracting(1...),
          from: from,
          into: &room,
          to: to,
          count: count,
          form: form
        )
        #expect(target.first == 0xEE && target.last == 0xEE)
        #expect(
          Array(target[1..<target.count - 1])
            == Patterns.bytes(Self.expected(numbers, from, to), of: to)
        )
      }
    }
  }

  @Test(arguments: Patterns.forms)
  func `floats are widened, rounded in place and counted`(form: KernelForm) {
    let patterns = Patterns.specials(of: .bf16)
    let floats = Conversion.floats(
      Patterns.bytes(patterns, of: .bf16),
      of: .bf16,
      form: form
    )
    #expect(floats.map(\.bitPattern) == patterns.map { UInt32($0) << 16 })
    #expect(Conversion.nonFiniteCount(floats, form: form) == 10)
    #expect(Conversion.nonFiniteCount([], form: form) == 0)

    var values: [Float] = [1.001, -3.14159, 1e-9, 70_000, 1.001]
    Conversion.round(&values, count: 4, to: .f16, form: form)
    let rounded = values.prefix(4).map { Layout(.f16).nearest(Double($0)) }
    #expect(values[0] == Float(1.0009765625) && values[3] == .infinity && values[4] == 1.001)
    #expect(Array(values.prefix(4)) == rounded.map { Float(Layout(.f16).number($0)) })
    Conversion.round(&values, count: 0, to: .bf16, form: form)
    #expect(values[4] == 1.001)
  }
}
