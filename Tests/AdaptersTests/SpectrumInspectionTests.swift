import Compute
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

  /// At a base, the change that PEFT's merge makes of it is decomposed, whatever the method is. PEFT's
  /// merged weights are in single precision: both sides are off by a few units of 2⁻²⁴ of an entry of
  /// W', which is at most ten times the change here.
  @Test(arguments: [
    ("dora", "base", 4), ("oft", "base", 4), ("ia3", "base", 6), ("vera", "base", 6),
    ("mora_type6", "base", 8), ("lora_moe_mixtral", "base_mixtral", 13), ("lora", "base", 14),
  ]) func `at a base every method has the spectrum of what it makes of it`(
    name: String, baseName: String, count: Int
  ) throws {
    let base = try Checkpoint(opening: Fixtures.peft.appending(baseName))
    let merged = try Checkpoint(
      opening: Fixtures.peft.appending(name).appending("expected_merged.safetensors"))
    let adapter = try Adapter(opening: Fixtures.peft.appending(name))
    let inspection = try SpectrumInspection(of: adapter, base: base, execution: .small)
    #expect(inspection.rows.count == count && inspection.others.isEmpty)
    var all: [TargetParameter: TunedTensor] = [:]
    for tensor in merged.names {
      let (old, new) = (try #require(base[tensor]), try #require(merged[tensor]))
      let pair = TunedTensor(
        base: StoredTensor(old.info, in: base.shards[old.shard]),
        tuned: StoredTensor(new.info, in: merged.shards[new.shard]),
        role: TensorRole(of: old.info, in: base))
      all[pair.target] = pair
    }
    for row in inspection.rows {
      let change = try #require(try all[row.target]?.change(.small))
      let wanted = try WholeSpectrum(of: change.matrix).values
      for (value, other) in zip(row.spectrum.values, wanted) {
        #expect(abs(value - other) <= 1e-5 * wanted[0], "\(row.target)")
      }
      #expect(row.dependsOnBase == ["dora", "oft", "ia3"].contains(name))
      let norm = try #require(row.baseNorm)
      #expect(abs(norm * norm - change.squaredBase) <= 1e-9 * change.squaredBase)
    }
  }

  @Test func `what depends on the base is refused without one, with the way out`() throws {
    for name in ["oft", "ia3", "vera"] {
      let adapter = try Adapter(opening: Fixtures.peft.appending(name))
      #expect {
        try SpectrumInspection(of: adapter, execution: .small)
      } throws: { error in
        if case AdapterError.unsupported(_, _, let advice) = error {
          return advice.contains("--base")
        }
        return false
      }
    }
  }
}
