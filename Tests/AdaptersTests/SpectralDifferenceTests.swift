import Compute
import Files
import JSON
import Tensors
import TestSupport
import Testing

@testable import Adapters

/// Comparisons beside NumPy's: `fixtures/lab/differences.py` and `fixtures/peft/algorithms.py` form
/// every matrix in float64.
@Suite struct SpectralDifferenceTests {
  private static let lab = Fixtures.package.appending("fixtures/lab")
  private static let everything = DifferenceMeasures(norms: [.spectral, .nuclear, .max])

  private static func document(_ path: Path) throws -> JSONValue {
    try JSONValue(parsing: FileReader.contents(of: path, limit: 1 << 24))
  }

  private static func expect(
    _ norms: DifferenceNorms?, _ row: JSONValue, _ norm: MatrixNorm, within share: Double
  ) throws {
    let norms = try #require(norms)
    for (value, side) in [
      (norms.old, "old"), (norms.new, "new"), (norms.distance, "difference"),
    ] {
      let expected = try #require(row[side]?[norm.rawValue]?.number)
      #expect(abs(value - expected) <= share * expected, "\(norm) of \(side)")
    }
  }

  @Test(arguments: [
    ("lora-r8/checkpoint-450", "lora-r8/checkpoint-600"),
    ("lora-r8/checkpoint-600", "lora-r32/checkpoint-600"),
  ])
  func `norms and cosines of factors are NumPy's`(old: String, new: String) throws {
    let rows = try #require(
      try Self.document(Self.lab.appending("expected_differences.json"))["\(old) \(new)"])
    func open(_ name: String) throws -> Adapter {
      try Adapter(opening: Self.lab.appending("runs").appending(name))
    }
    let difference = try AdapterDifference(
      from: try open(old), to: try open(new), measuring: Self.everything, execution: .small)
    var count = 0
    for update in difference.updates {
      guard let row = rows[update.target.description] else { continue }
      count += 1
      for norm in MatrixNorm.allCases {
        try Self.expect(update.norms(norm), row, norm, within: 1e-11)
      }
      let cosine = try #require(row["cosine"]?.number)
      #expect(abs((update.measures?.cosine ?? 2) - cosine) <= 1e-12)
    }
    #expect(count == rows.members?.count && count > 5)
  }

  /// What is formed at a base is formed in Float: some roundings of 2⁻²⁴ of |W| and |ΔW|, whose norms
  /// are of one size here.
  @Test(arguments: [
    ("dora-r8/checkpoint-450", "dora-r8/checkpoint-600"),
    ("lora-r8/checkpoint-600", "dora-r8/checkpoint-600"),
    ("lora-r8/checkpoint-600", "full/checkpoint-600"),
    ("lora-r8/checkpoint-450", "lora-r8/checkpoint-600"),
  ])
  func `what two make of a base differs as in NumPy`(old: String, new: String) throws {
    let rows = try #require(
      try Self.document(Self.lab.appending("expected_differences.json"))["\(old) \(new)"])
    func open(_ name: String) throws -> ComparedSide {
      try ComparedSide(opening: Self.lab.appending("runs").appending(name))
    }
    let base = try Checkpoint(opening: Self.lab.appending("base"))
    let difference = try AdapterDifference(
      from: try open(old), to: try open(new), at: base, measuring: Self.everything,
      execution: .small)
    var count = 0
    for update in difference.updates {
      guard let row = rows[update.target.description] else { continue }
      count += 1
      for norm in MatrixNorm.allCases {
        try Self.expect(update.norms(norm), row, norm, within: norm == .max ? 1e-4 : 2e-5)
        let expected = try #require(row["base"]?[norm.rawValue]?.number)
        let weight = try #require(update.baseNorms?[norm])
        #expect(abs(weight - expected) <= 1e-6 * expected)
      }
      let cosine = try #require(row["cosine"]?.number)
      #expect(abs((update.measures?.cosine ?? 2) - cosine) <= 1e-5)
    }
    #expect(count == rows.members?.count && count > 5)
  }

  @Test func `spectra and subspaces are those of the PEFT fixtures`() throws {
    let document = try Self.document(Fixtures.peft.appending("expected_spectra.json"))
    let rows = try #require(document["lora_minus_rslora"])
    let difference = try AdapterDifference(
      from: try Adapter(opening: Fixtures.peft.appending("rslora")),
      to: try Adapter(opening: Fixtures.peft.appending("lora")),
      measuring: DifferenceMeasures(norms: [.spectral], angleCount: 4), execution: .small)
    #expect(difference.updates.count == rows.members?.count)
    for update in difference.updates {
      let row = try #require(rows[update.target.module.path])
      for (norm, key) in [(MatrixNorm.spectral, "spectral"), (.frobenius, "fro")] {
        let expected = try #require(row[key]?.number)
        let distance = try #require(update.norms(norm)?.distance)
        #expect(abs(distance - expected) <= 1e-6 * expected)
      }
    }
    let expected = try #require(document["q_proj_0"])
    let first = try #require(
      difference.updates.first { $0.target.module.path == "model.layers.0.self_attn.q_proj" })
    let angles = try #require(first.measures?.angles)
    for (side, key) in [(angles.left, "phi_left"), (angles.right, "phi_right")] {
      let phi = try #require(expected[key]?.elements)
      for (i, row) in phi.enumerated() {
        for (j, value) in (row.elements ?? []).enumerated() {
          // The fixture has lora first; here it is the new side.
          #expect(abs(side.similarity[j][i] - (value.number ?? -1)) <= 1e-5)
        }
      }
    }
  }

  @Test func `a weight is within a tolerance where its difference is, and NaN never is`() throws {
    func update(
      old: Double, new: Double, _ distance: Double, identical: Bool = false
    ) -> UpdateDifference {
      let norms = DifferenceNorms(old: old, new: new, distance: distance, errorBound: 0)
      return UpdateDifference(
        target: TargetParameter("a"), old: nil, new: nil, coverage: .whole,
        measures: PairMeasures(frobenius: norms, isPair: true), magnitudes: nil,
        isIdentical: identical)
    }
    #expect(update(old: 2, new: 2, 0.02).isWithin(0.01, .frobenius))
    #expect(!update(old: 2, new: 2, 0.021).isWithin(0.01, .frobenius))
    #expect(!update(old: 0, new: 1, 1).isWithin(100, .frobenius))
    #expect(update(old: 0, new: 0, 0).isWithin(0, .frobenius))
    #expect(!update(old: .nan, new: 1, .nan).isWithin(100, .frobenius))
    #expect(update(old: .nan, new: .nan, .nan, identical: true).isWithin(0, .frobenius))
    #expect(!update(old: 2, new: 2, 0.02).isWithin(1, .spectral))
  }

  @Test func `a model that does not fit the base is refused by name`() throws {
    let folder = try MadeFolder()
    let base = try folder.base([MadeTensor("a.weight", [4, 6]), MadeTensor("b.weight", [4, 6])])
    let other = try MadeFolder()
    _ = try other.base([MadeTensor("a.weight", [4, 6]), MadeTensor("b.weight", [4, 5])])
    let side = try ComparedSide(opening: other.path.appending("base"))
    #expect {
      try AdapterDifference(from: side, to: side, at: base, execution: .small)
    } throws: { error in
      guard case AdapterError.shapeMismatch(_, let target, _, _, _) = error else { return false }
      return target.description == "b.weight"
    }
  }
}
