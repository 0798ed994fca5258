import TestSupport
import Testing

@testable import Compute

@Suite struct FactorDistanceTests {
  /// Random factors.
  private static func factors(
    _ rows: Int, _ rank: Int, _ columns: Int, scaling: Double = 1.5, seed: UInt64
  ) -> ScaledFactors {
    func matrix(_ rows: Int, _ columns: Int, _ seed: UInt64) -> Matrix {
      Matrix(
        rows: rows, columns: columns,
        elements: FactorProductTests.floats(rows * columns, seed: Int(seed)))
    }
    return ScaledFactors(
      left: matrix(rows, rank, seed), right: matrix(rank, columns, seed + 1), scaling: scaling)
  }

  /// The product, formed, in Double.
  private static func dense(_ factors: ScaledFactors?, count: Int) -> [Double] {
    guard let factors else { return [Double](repeating: 0, count: count) }
    let (left, right) = (factors.left, factors.right)
    var product: [Double] = []
    for row in 0..<left.rows {
      for column in 0..<right.columns {
        var sum = 0.0
        for k in 0..<left.columns {
          sum +=
            Double(left.elements[row * left.columns + k])
            * Double(right.elements[k * right.columns + column])
        }
        product.append(factors.scaling * sum)
      }
    }
    return product
  }

  private static func norm(_ values: [Double]) -> Double {
    values.reduce(0.0) { $0 + $1 * $1 }.squareRoot()
  }

  @Test(arguments: [
    (1, 1, 1, 1), (5, 2, 7, 3), (300, 4, 17, 4), (31, 8, 513, 2), (64, 1, 64, 16), (256, 3, 8, 3),
  ])
  func `are the norms of the formed products`(shape: (rows: Int, old: Int, columns: Int, new: Int))
  {
    let count = shape.rows * shape.columns
    for (old, new) in [
      (
        Self.factors(shape.rows, shape.old, shape.columns, seed: 1),
        Self.factors(shape.rows, shape.new, shape.columns, scaling: -0.3, seed: 9)
      ), (Self.factors(shape.rows, shape.old, shape.columns, seed: 3), nil),
      (nil, Self.factors(shape.rows, shape.new, shape.columns, seed: 3)),
    ] as [(ScaledFactors?, ScaledFactors?)] {
      let measured = FactorDistance(from: old, to: new)
      let (before, after) = (Self.dense(old, count: count), Self.dense(new, count: count))
      let expected = Self.norm(zip(after, before).map { $0 - $1 })
      // The formed product is rounded, too: by rank + 2 roundings of each entry's terms, at most
      // the bound's share of the same norms.
      #expect(abs(measured.distance - expected) <= 2 * measured.errorBound)
      #expect(abs(measured.oldNorm - Self.norm(before)) <= 1e-12 * Self.norm(before))
      #expect(abs(measured.newNorm - Self.norm(after)) <= 1e-12 * Self.norm(after))
    }
  }

  @Test func `equal factors are exactly alike, and exchanging them changes no bit`() {
    for seed in UInt64(0)..<20 {
      let one = Self.factors(70, 5, 300, scaling: 1.0 / 3, seed: seed)
      let other = Self.factors(70, 3, 300, scaling: 2, seed: seed + 40)
      #expect(FactorDistance(from: one, to: one).distance == 0)
      let there = FactorDistance(from: one, to: other)
      let back = FactorDistance(from: other, to: one)
      #expect(there.distance == back.distance)
      #expect(there.oldNorm == back.newNorm && there.newNorm == back.oldNorm)
    }
  }

  @Test func `a change of one last place is measured to a millionth`() {
    let old = Self.factors(400, 8, 500, seed: 5)
    for index in [0, 77, 8 * 400 - 1] {
      var left = old.left
      left.elements[index] = left.elements[index].nextUp
      let new = ScaledFactors(left: left, right: old.right, scaling: old.scaling)
      let step = Double(left.elements[index]) - Double(old.left.elements[index])
      let row = index % 8 * 500..<(index % 8 + 1) * 500
      let expected = old.scaling * step * Self.norm(old.right.elements[row].map(Double.init))
      let measured = FactorDistance(from: old, to: new)
      #expect(abs(measured.distance - expected) <= 1e-6 * expected)
      #expect(abs(measured.distance - expected) <= measured.errorBound)
    }
  }

  @Test func `the same product from other factors is within the bound`() {
    let old = Self.factors(120, 6, 90, seed: 8)
    var (left, right) = (old.left, old.right)
    left.scale(by: 4)
    right.scale(by: 0.25)
    let measured = FactorDistance(
      from: old, to: ScaledFactors(left: left, right: right, scaling: old.scaling))
    #expect(measured.distance <= measured.errorBound)
    #expect(measured.errorBound < 1e-5 * measured.oldNorm)
  }

  @Test func `the distance is a metric that scales`() {
    for seed in UInt64(0)..<20 {
      let (a, b, c) = (
        Self.factors(40, 2, 60, seed: seed), Self.factors(40, 4, 60, seed: seed + 100),
        Self.factors(40, 3, 60, seed: seed + 200)
      )
      let (ab, bc, ac) = (
        FactorDistance(from: a, to: b), FactorDistance(from: b, to: c),
        FactorDistance(from: a, to: c)
      )
      #expect(
        ac.distance
          <= ab.distance + bc.distance + ac.errorBound + ab.errorBound + bc.errorBound)
      func scaled(_ factors: ScaledFactors) -> ScaledFactors {
        ScaledFactors(left: factors.left, right: factors.right, scaling: 3 * factors.scaling)
      }
      let triple = FactorDistance(from: scaled(a), to: scaled(b))
      #expect(abs(triple.distance - 3 * ab.distance) <= triple.errorBound + 3 * ab.errorBound)
    }
  }

  @Test func `a value that is no number makes the norms no numbers`() {
    let old = Self.factors(10, 2, 20, seed: 1)
    var left = old.left
    left.elements[3] = .nan
    let measured = FactorDistance(
      from: old, to: ScaledFactors(left: left, right: old.right, scaling: 1))
    #expect(measured.distance.isNaN && measured.newNorm.isNaN && measured.oldNorm.isFinite)
  }
}
