import Compute
import Files
import JSON
import Tensors
import TestSupport
import Testing

@testable import Adapters

/// Full models beside one another, without a base.
@Suite struct ModelDifferenceTests {
  private static let lab = Fixtures.package.appending("fixtures/lab")
  private static let measures = DifferenceMeasures(norms: [.spectral, .nuclear, .max])

  /// NumPy's norms of W, and of W' − W in float64 (`fixtures/lab/differences.py`). The change of a
  /// pair in bf16 is exact in Float here.
  @Test func `norms of a fine-tune's change are NumPy's`() throws {
    let document = try JSONValue(
      parsing: FileReader.contents(
        of: Self.lab.appending("expected_differences.json"), limit: 1 << 24))
    let rows = try #require(document["lora-r8/checkpoint-600 full/checkpoint-600"])
    let difference = try TensorDifference(
      from: try Checkpoint(opening: Self.lab.appending("base")),
      to: try Checkpoint(opening: Self.lab.appending("runs/full/checkpoint-600")),
      measuring: DifferenceMeasures(norms: [.spectral, .nuclear]), execution: .small)
    var count = 0
    for change in difference.tensors {
      guard let row = rows[change.name.text] else { continue }
      count += 1
      for norm in [MatrixNorm.spectral, .frobenius, .nuclear] {
        let norms = try #require(change.measures[norm])
        let before = try #require(row["base"]?[norm.rawValue]?.number)
        let apart = try #require(row["new"]?[norm.rawValue]?.number)
        #expect(abs(norms.old - before) <= 1e-12 * before, "\(norm) of \(change.name)")
        #expect(abs(norms.distance - apart) <= norms.errorBound + 1e-12 * apart)
        #expect(norms.errorBound <= 1e-6 * (change.norms?.distance ?? 0))
      }
    }
    #expect(count == rows.members?.count && count > 5)
  }

  /// A change of low rank, and one whose singular values lie as close as those of noise.
  @Test(arguments: [true, false])
  func `the operator's interval holds the dense answer of a large matrix`(isLow: Bool) throws {
    let folder = try MadeFolder()
    let name = "layers.0.up_proj.weight"
    let fineTune = try
      (isLow
      ? MadeFineTune.matrix(name, 530, 520, rank: 6, size: 0.5, seed: 3)
      : MadeFineTune.redrawn(name, [530, 520], seed: 3)).opened(in: folder)
    let difference = try TensorDifference(
      from: fineTune.base, to: fineTune.tuned, measuring: DifferenceMeasures(norms: [.spectral]),
      execution: .small)
    let norms = try #require(difference.tensors.first?.measures[.spectral])
    let (before, after) = (
      try fineTune.base.matrix("layers.0.up_proj.weight"),
      try fineTune.tuned.matrix("layers.0.up_proj.weight")
    )
    let change = RealMatrix(
      rows: 530, columns: 520, elements: zip(after.elements, before.elements).map { $0 - $1 })
    let exact = try SingularValueDecomposition.values(of: change)[0]
    #expect(abs(norms.distance - exact) <= 1e-5 * exact)
    #expect(exact <= (norms.distance + norms.errorBound) * (1 + 1e-12))
    #expect(norms.errorBound > 1e-3 * exact && norms.errorBound < 0.03 * exact)
  }

  @Test func `what is no matrix keeps its Frobenius norm, and what is the same is not measured`()
    throws
  {
    let folder = try MadeFolder()
    func model(_ name: String, seed: UInt64) throws -> Checkpoint {
      try folder.base(
        [
          FilledTensor("norm.weight", [31], .bf16, seed: seed),
          FilledTensor("mlp.experts.up_proj", [3, 4, 5], .f32, seed: seed + 1),
          FilledTensor("conv.weight", [6, 2, 3, 3], .f32, seed: seed + 2),
          FilledTensor("wide.weight", [4, 5], .f64, seed: seed + 3),
          FilledTensor("same.weight", [4, 5], .f32, seed: 9),
          FilledTensor("row.weight", [1, 9], .f16, seed: seed + 4),
        ], named: name)
    }
    let difference = try TensorDifference(
      from: try model("one", seed: 20), to: try model("two", seed: 40), measuring: Self.measures,
      execution: .small)
    let named = Dictionary(uniqueKeysWithValues: difference.tensors.map { ($0.name.text, $0) })
    for name in ["norm.weight", "row.weight"] {
      let change = try #require(named[name])
      #expect(change.measures[.spectral] == change.norms && change.measures[.max] != nil)
    }
    let experts = try #require(named["mlp.experts.up_proj"])
    #expect(experts.measures.keys.map { $0 } == [.frobenius])
    #expect(experts.norms(nearest: .spectral) == experts.norms)
    #expect(named["same.weight"]?.measures.count == 1)
    for name in ["conv.weight", "wide.weight"] {
      let change = try #require(named[name])
      let (spectral, frobenius, nuclear) = (
        try #require(change.measures[.spectral]), try #require(change.norms),
        try #require(change.measures[.nuclear])
      )
      #expect(spectral.distance < frobenius.distance && frobenius.distance < nuclear.distance)
    }
    let alone = try TensorDifference(
      from: try model("three", seed: 20), to: try model("four", seed: 40),
      measuring: Self.measures, execution: Execution(workers: .init(count: 1)))
    #expect(alone.tensors == difference.tensors)
  }
}
