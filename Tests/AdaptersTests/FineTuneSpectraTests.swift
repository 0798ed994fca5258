import Compute
import Tensors
import TestSupport
import Testing

@testable import Adapters

@Suite struct FineTuneSpectraTests {
  @Test func `a planted rank stands out of the rounding of bf16`() throws {
    let folder = try MadeFolder()
    let fineTune = try
      (MadeFineTune.matrix("a.up_proj.weight", 300, 260, rank: 40, size: 0.1, seed: 1)
      + .redrawn("a.norm.weight", [260], seed: 5) + .kept("a.down_proj.weight", [9, 8], seed: 7))
      .opened(in: folder)
    let spectra = try FineTuneSpectra(of: fineTune, execution: .small)
    #expect(spectra.others == ["a.norm.weight"] && spectra.unchangedCount == 1)
    let matrix = try #require(spectra.matrices.first)
    // The slow twin of the change, in Double.
    let (before, after) = (
      try fineTune.base.matrix(matrix.name), try fineTune.tuned.matrix(matrix.name)
    )
    let change = RealMatrix(
      rows: 300, columns: 260, elements: zip(after.elements, before.elements).map { $0 - $1 })
    let values = try SingularValueDecomposition.values(of: change)
    for (fast, slow) in zip(matrix.change.values, values) {
      #expect(abs(fast - slow) <= matrix.errorBound)
    }
    #expect(matrix.change.values.filter { $0 > 1e-9 }.count == 260)
    #expect(matrix.denoised.values.count == 40)
    // What was planted, before any rounding: of the same factors, by themselves.
    let planted = Spectrum(try Self.planted(300, 260, rank: 40, size: 0.1, seed: 1))
    for (found, sigma) in zip(matrix.denoised.values, planted.values) {
      // The noise's share is taken off; what is left of it is of the order of σ, far below its edge.
      #expect(abs(found - sigma) <= 0.2 * matrix.floor.edge)
    }
    let ranks = (
      matrix.denoised.rank(atEnergy: 0.9), planted.rank(atEnergy: 0.9),
      matrix.change.rank(atEnergy: 0.9)
    )
    #expect(ranks.0 == ranks.1 && ranks.0 <= 40)
    #expect(ranks.2 >= ranks.1, "rounding adds to the rank of what is stored")
    #expect(matrix.denoised.frobeniusNorm < matrix.change.frobeniusNorm)
    #expect(values[40] <= 1.1 * matrix.floor.edge)
  }

  /// The singular values of what `MadeFineTune.matrix` adds.
  private static func planted(
    _ rows: Int, _ columns: Int, rank: Int, size: Float, seed: UInt64
  ) throws -> [Double] {
    func factor(_ extents: [Int], _ seed: UInt64) -> RealMatrix {
      RealMatrix(
        rows: extents[0], columns: extents[1],
        elements: FilledTensor("f", extents, deviation: 1, seed: seed).values.map(Double.init))
    }
    let scale = Double(size / (Float(rows) * Float(columns)).squareRoot())
    return try FactoredDecomposition(
      left: factor([rows, rank], seed + 1), right: factor([rank, columns], seed + 2)
    ).values().map { $0 * scale }
  }

  @Test func `rounding alone has no rank`() throws {
    let folder = try MadeFolder()
    let exact = FilledTensor("w.weight", [280, 250], .f32, deviation: 0.02, seed: 3)
    let stored = FilledTensor("w.weight", [280, 250], .bf16, values: exact.values)
    let base = try folder.base([exact], named: "base")
    let tuned = try folder.base([stored], named: "tuned")
    let spectra = try FineTuneSpectra(
      of: try FineTune(tuned: tuned, base: base), execution: .small)
    let matrix = try #require(spectra.matrices.first)
    // The edge is where the largest one lies, but for fluctuations of relative size (mn)^(-1/3).
    #expect(abs(matrix.change.spectralNorm / matrix.floor.edge - 1) < 0.05)
    #expect(matrix.denoised.values.count <= 1)
  }

  @Test func `noise is taken off a singular value as it was put on`() {
    let floor = RoundingFloor(deviation: 0.5, rows: 100, columns: 400)
    #expect(abs(floor.edge - 15) < 1e-12)
    for x in [0.8, 1, 2, 7] as [Double] {
      // y² = (x² + 1)(x² + β)/x² in units of σ·√400, β = 1/4.
      let y = ((x * x + 1) * (x * x + 0.25)).squareRoot() / x
      #expect(abs((floor.denoised([10 * y]).first ?? 0) - 10 * x) < 1e-9)
    }
    #expect(floor.denoised([14.9]).isEmpty)
  }

  @Test func `a new direction is an intruder, a kept one is none`() throws {
    let folder = try MadeFolder()
    let model = MadeFineTune.matrix("a.o_proj.weight", 60, 50, rank: 1, size: 6, seed: 9)
    let spectra = try FineTuneSpectra(
      of: try model.opened(in: folder), findsIntruders: true, execution: .small)
    let intruders = try #require(spectra.matrices.first?.intruders)
    // The planted value is far above the base's, about 0.02·(√60 + √50).
    #expect(intruders.places.contains(0) && intruders.likeness.count == 10)
    let base = Matrix(rows: 60, columns: 50, elements: model.base[0].values)
    let same = try IntruderDimensions(base: BaseDecomposition(of: base), tuned: base)
    #expect(same.places.isEmpty && same.likeness.allSatisfy { abs($0 - 1) < 1e-6 })
  }
}
