import Compute
import Tensors
import TestSupport
import Testing

@Suite struct DistanceTests {
  /// A number's place among all, 0 for both zeros; nil for a NaN.
  static func place(_ pattern: UInt64, _ layout: Layout) -> Int64? {
    let magnitude = pattern & (layout.sign - 1)
    guard magnitude <= layout.infinity else { return nil }
    return pattern & layout.sign == 0 ? Int64(magnitude) : -Int64(magnitude)
  }

  static func measured(
    _ type: DType,
    _ expected: [UInt64],
    _ actual: [UInt64],
    tolerance: UInt64
  ) -> Distance {
    var distance = Distance()
    distance.add(
      expected: Patterns.bytes(expected, of: type),
      actual: Patterns.bytes(actual, of: type),
      type: type,
      count: expected.count,
      tolerance: tolerance
    )
    return distance
  }

  @Test(arguments: Patterns.types, [0, 1, 5, .max] as [UInt64])
  func `counts the numbers between`(type: DType, tolerance: UInt64) {
    var generator = SeededGenerator(seed: 4)
    let layout = Layout(type)
    let mask = layout.sign &* 2 &- 1
    let specials = Patterns.specials(of: type)
    var expected = specials.flatMap { a in specials.map { _ in a } }
    var actual = specials.flatMap { _ in specials }
    for _ in 0..<500 {
      expected.append(generator.next() & mask)
      actual.append((expected[expected.count - 1] &+ generator.next() % 9 &- 4) & mask)
    }
    var twin = Distance()
    for (a, b) in zip(expected, actual) {
      let apart: UInt64
      switch (Self.place(a, layout), Self.place(b, layout)) {
      case (nil, nil): apart = 0
      case (let x?, let y?):
        // In UInt64, for Int64 does not hold the whole way between two infinities.
        let (low, high) = (UInt64(bitPattern: min(x, y)), UInt64(bitPattern: max(x, y)))
        apart = high &- low
      default: apart = mask
      }
      let isExact = a == b || (Self.place(a, layout) == nil && apart == 0)
      twin.largest = max(twin.largest, apart)
      if isExact {
        twin.exactCount += 1
      } else if apart <= tolerance {
        twin.withinCount += 1
      } else {
        twin.beyondCount += 1
      }
    }
    #expect(Self.measured(type, expected, actual, tolerance: tolerance) == twin)
  }

  @Test(arguments: Patterns.types)
  func `zeros of either sign are one number, but not the same bits`(type: DType) {
    let sign = Layout(type).sign
    let distance = Self.measured(
      type,
      [0, sign, 1, sign],
      [sign, sign, sign | 1, 1],
      tolerance: 0
    )
    #expect(distance.exactCount == 1 && distance.withinCount == 1 && distance.beyondCount == 2)
    #expect(distance.largest == 2)
  }

  @Test func `adds up over buffers, and nothing over none`() {
    var all = Self.measured(.f16, [], [], tolerance: 1)
    #expect(all == Distance())
    all.add(Self.measured(.f16, [1, 2], [1, 9], tolerance: 1))
    all.add(Self.measured(.f16, [5], [6], tolerance: 1))
    #expect(all.exactCount == 1 && all.withinCount == 1 && all.beyondCount == 1)
    #expect(all.largest == 7)
  }
}
