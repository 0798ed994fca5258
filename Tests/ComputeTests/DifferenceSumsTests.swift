import Compute
import TestSupport
import Testing

@Suite struct DifferenceSumsTests {
  @Test(arguments: [0, 1, 7, 8, 9, 64, 1000])
  func `are the plain sums`(count: Int) {
    var generator = SeededGenerator(seed: 3)
    let old = (0..<count).map { _ in Double(generator.bell()) }
    let new = (0..<count).map { _ in Double(generator.bell()) }
    let sums = DifferenceSums(from: old, to: new)
    func close(_ a: Double, _ b: [Double]) -> Bool {
      let expected = b.reduce(0.0) { $0 + $1 * $1 }
      // Squares only: either order is right to a rounding for each of them.
      return abs(a - expected) <= Double(2 * count) * 0x1p-53 * expected
    }
    #expect(close(sums.oldSquares, old))
    #expect(close(sums.newSquares, new))
    #expect(close(sums.differenceSquares, zip(new, old).map { $0 - $1 }))
    #expect(DifferenceSums(from: old, to: old).differenceSquares == 0)

    // The same values in single precision give the same bits, and factors act before the sums.
    let (floats, others) = (old.map { Float($0) }, new.map { Float($0) })
    #expect(
      DifferenceSums(from: floats, to: others, factors: (2, -0.5))
        == DifferenceSums(
          from: floats.map { 2 * Double($0) }, to: others.map { -0.5 * Double($0) }))
  }
}
