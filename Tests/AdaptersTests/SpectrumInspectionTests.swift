import Files
import JSON
import Tensors
import TestSupport
import Testing

@testable import Adapters

@Suite struct SpectrumInspectionTests {
  /// NumPy's singular values of the formed changes (fixtures/peft/algorithms.py), in Double, of the
  /// same stored factors. Both are right to a small multiple of 2⁻⁵³ · ‖B‖·‖A‖; 1e-9 of σ₁ leaves
  /// room for six digits of condition.
  @Test(arguments: ["lora", "rslora"]) func `spectra are NumPy's`(name: String) throws {
    let expected = try JSONValue(
      parsing: FileReader.contents(
        of: Fixtures.peft.appending("expected_spectra.json"), limit: 1 << 24))
    let modules = try #require(expected[name])
    let inspection = try SpectrumInspection(
      of: Adapter(opening: Fixtures.peft.appending(name)), execution: .small)
    #expect(inspection.rows.count == modules.members?.count)
    for row in inspection.rows {
      let numbers = try #require(modules[row.target.module.path])
      let spectrum = row.spectrum
      func check(_ key: String, _ value: Double) {
        let wanted = numbers[key]?.number ?? .nan
        #expect(abs(value - wanted) <= 1e-9 * wanted, "\(row.target) \(key)")
      }
      check("spectral", spectrum.spectralNorm)
      check("fro", spectrum.frobeniusNorm)
      check("nuclear", spectrum.nuclearNorm)
      check("stable_rank", spectrum.stableRank)
      check("effective_rank_roy", spectrum.effectiveRank)
      check("effective_rank_energy", spectrum.effectiveEnergyRank)
      check("participation_ratio", spectrum.participationRatio)
      #expect(spectrum.rank(atEnergy: 0.9) == numbers["energy_rank_0.9"]?.integer)
      #expect(spectrum.rank(atEnergy: 0.99) == numbers["energy_rank_0.99"]?.integer)
      #expect(row.usedRank == numbers["numerical_rank"]?.integer)
      let values = (numbers["sigma"]?.elements ?? []).compactMap(\.number)
      #expect(values.count == spectrum.values.count)
      for (value, wanted) in zip(spectrum.values, values) {
        #expect(abs(value - wanted) <= 1e-9 * values[0])
      }
    }
  }

  @Test func `an adapter that was never trained has no rank in use`() throws {
    let folder = try MadeFolder()
    let adapter = try folder.adapter([
      FilledTensor("base_model.model.q.lora_A.weight", [4, 9], seed: 1),
      FilledTensor(
        "base_model.model.q.lora_B.weight", [7, 4], .f32, values: .init(repeating: 0, count: 28)),
    ])
    let row = try #require(try SpectrumInspection(of: adapter, execution: .small).rows.first)
    #expect(row.usedRank == 0 && row.paidRank == 4)
    #expect(row.spectrum.stableRank == 0 && row.spectrum.effectiveRank == 0)
    #expect(row.spectrum.participationRatio == 0 && row.spectrum.rank(atEnergy: 0.9) == 0)
  }

  @Test func `a value that is not finite is refused by its tensor`() throws {
    let folder = try MadeFolder()
    var values = [Float](repeating: 1, count: 28)
    values[3] = .nan
    let adapter = try folder.adapter([
      FilledTensor("base_model.model.q.lora_A.weight", [4, 9], seed: 1),
      FilledTensor("base_model.model.q.lora_B.weight", [7, 4], .f32, values: values),
    ])
    #expect {
      try SpectrumInspection(of: adapter, execution: .small)
    } throws: { error in
      if case AdapterError.notFinite(_, let name, 1) = error { return name.text.contains("lora_B") }
      return false
    }
  }
}
