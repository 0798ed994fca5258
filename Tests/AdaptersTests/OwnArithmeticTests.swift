import Glibc
import TestSupport
import Testing

@testable import Adapters

/// Functions that are computed here because a library's bits differ from one machine to the next.
@Suite struct OwnArithmeticTests {
  @Test func `cosines and sines are those of the C library`() {
    for step in 0..<4000 {
      let angle = Double(step) * 0.731 - 100
      let (cosine, sine) = Angles.cosineAndSine(angle)
      #expect(abs(cosine - cos(angle)) < 1e-14 && abs(sine - sin(angle)) < 1e-14, "\(angle)")
    }
    let (cosine, sine) = Angles.cosineAndSine(0)
    #expect(cosine == 1 && sine == 0)
  }

  @Test func `exponentials are those of the C library`() {
    for step in 0..<2000 {
      let x = -Double(step) * 0.0073
      #expect(abs(Angles.exponential(x) / exp(x) - 1) < 1e-14, "\(x)")
    }
  }

  @Test func `the generator gives the published numbers`() {
    // The first outputs of mt19937ar.c's init_genrand(5489), and the 10,000th, by which C++ defines
    // std::mt19937.
    var generator = MersenneTwister(seed: 5489)
    var outputs: [UInt32] = []
    for _ in 0..<10_000 { outputs.append(generator.next()) }
    #expect(outputs.prefix(3) == [3_499_211_612, 581_869_302, 3_890_346_734])
    #expect(outputs[9_999] == 4_123_659_995)
  }

  @Test func `draws go on where others ended`() {
    let all = UniformDraw(seed: 7, skipped: 0, bound: 0.5).values(count: 2000)
    let rest = UniformDraw(seed: 7, skipped: 1300, bound: 0.5).values(count: 700)
    #expect(Array(all[1300...]) == rest)
    #expect(all.allSatisfy { $0 >= -0.5 && $0 < 0.5 })
  }

  @Test(arguments: [1, 2, 5, 16])
  func `an inverse times its matrix is the identity`(size: Int) throws {
    var generator = SeededGenerator(seed: UInt64(size))
    let matrix = BlockMatrix(
      size: size, entries: (0..<size * size).map { _ in Double(generator.bell()) })
    let inverse = try #require(matrix.inverse)
    let product = matrix * inverse
    let identity = BlockMatrix.identity(size)
    // Elimination with pivots is stable: a few units of the last place times the condition.
    let bound = 1e-13 * matrix.norm * inverse.norm * Double(size)
    #expect(product.adding(identity, times: -1).norm <= bound)
  }

  @Test func `a matrix without an inverse has none`() {
    #expect(BlockMatrix(size: 2, entries: [1, 2, 2, 4]).inverse == nil)
    #expect(BlockMatrix(size: 2, entries: [.nan, 1, 1, 1]).inverse == nil)
  }

  @Test func `groups share what is left over by the first of them`() {
    let selection = Selection.grouped(groups: 4, count: 10)
    #expect((0..<10).map(selection.row) == [0, 0, 0, 1, 1, 1, 2, 2, 3, 3])
    #expect(Selection.grouped(groups: 5, count: 3).upperBound == 3)
    #expect((0..<5).map(Selection.cyclic(period: 2, count: 5).row) == [0, 1, 0, 1, 0])
  }
}
