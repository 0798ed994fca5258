import Compute
import Files
import Tensors
import TestSupport
import Testing

@testable import Adapters

/// What any measure of a difference must hold to, on adapters as they are stored.
///
/// Tolerances: a pair's error bound, some 2⁻⁵⁰ of the norms; what is formed in Float, 2⁻²⁴ for each of
/// its roundings.
@Suite struct DifferenceLawsTests {
  private static let measures = DifferenceMeasures(norms: [.spectral, .nuclear, .max])

  private static func lab(_ run: String) throws -> Adapter {
    try Adapter(opening: Fixtures.package.appending("fixtures/lab/runs").appending(run))
  }

  private static func fixture(_ name: String) throws -> Adapter {
    try Adapter(opening: Fixtures.peft.appending(name))
  }

  private static func difference(_ old: Adapter?, _ new: Adapter?) throws -> AdapterDifference {
    try AdapterDifference(from: old, to: new, measuring: measures, execution: .small)
  }

  @Test(arguments: [
    "lora", "lora_bf16", "rslora_patterns", "dora", "loha", "lokr", "vera", "adalora", "mora_type1",
    "lora_embedding", "lora_conv", "lora_modules_to_save", "lora_trainable_tokens", "ia3", "oft",
  ])
  func `an adapter differs from itself by nothing, by no rounding either`(name: String) throws {
    let adapter = try Self.fixture(name)
    let difference = try Self.difference(adapter, adapter)
    #expect(difference.isEmpty && !difference.updates.isEmpty)
    for update in difference.updates {
      #expect(update.isWithin(0, .spectral))
      for norms in update.measures?.norms.values ?? [:].values { #expect(norms.distance == 0) }
    }
  }

  @Test(arguments: [1, 3, 7])
  func `an adapter differs from its truncation by the next singular value`(rank: Int) throws {
    let folder = try MadeFolder()
    let source = try Self.lab("lora-r8/checkpoint-600")
    let truncation = try source.truncated(
      by: [TruncationOptions(RankSelection(.exactly(rank)))], execution: .small)[0]
    let place = folder.path.appending("small")
    try truncation.draft.write(to: place, execution: .small)
    let difference = try Self.difference(source, try Adapter(opening: place))
    let spectra = try SpectrumInspection(of: source, execution: .small)
    for (update, row) in zip(difference.updates, spectra.rows) {
      #expect(update.target == row.target)
      let norms = try #require(update.norms(.spectral))
      // Both stored factors round to Float, each to 2⁻²⁴ of it.
      let rounding = 0x1p-22 * row.spectrum.spectralNorm
      #expect(abs(norms.distance - row.spectrum.values[rank]) <= rounding)
      let tail = row.spectrum.frobeniusError(keeping: rank)
      #expect(abs((update.norms?.distance ?? 0) - tail) <= rounding * 3)
    }
  }

  @Test func `exchanging the sides exchanges the norms, whatever the ranks and files`() throws {
    for (one, other) in [
      (try Self.lab("lora-r8/checkpoint-600"), try Self.lab("lora-r32/checkpoint-600")),
      (try Self.fixture("lora"), try Self.fixture("lora_bin_zip")),
      (try Self.fixture("lora"), try Self.fixture("lokr")),
    ] {
      let (there, back) = (try Self.difference(one, other), try Self.difference(other, one))
      #expect(there.updates.map(\.target) == back.updates.map(\.target))
      for (a, b) in zip(there.updates, back.updates) {
        for norm in MatrixNorm.allCases {
          guard let left = a.norms(norm), let right = b.norms(norm) else {
            #expect((a.norms(norm) == nil) == (b.norms(norm) == nil))
            continue
          }
          let slack = left.errorBound + right.errorBound + 1e-12 * (left.old + left.new)
          #expect(abs(left.distance - right.distance) <= slack)
          #expect(abs(left.old - right.new) <= slack && abs(left.new - right.old) <= slack)
        }
      }
    }
  }

  @Test func `three checkpoints obey the triangle inequality`() throws {
    let all = try [150, 450, 600].map { try Self.lab("lora-r8/checkpoint-\($0)") }
    let (ab, bc, ac) = (
      try Self.difference(all[0], all[1]), try Self.difference(all[1], all[2]),
      try Self.difference(all[0], all[2])
    )
    for place in ac.updates.indices {
      for norm in MatrixNorm.allCases {
        let direct = try #require(ac.updates[place].norms(norm)?.distance)
        let around = [ab, bc].compactMap { $0.updates[place].norms(norm)?.distance }
        #expect(around.count == 2 && direct <= around.reduce(0, +) * (1 + 1e-12))
        #expect(direct > 0)
      }
    }
  }

  @Test func `scaling both sides scales every norm, and rank splits change nothing`() throws {
    let folder = try MadeFolder()
    func adapter(_ name: String, alpha: Int, rank: Int, _ tensors: [FilledTensor]) throws -> Adapter
    {
      try folder.write(
        #"{"peft_type": "LORA", "r": \#(rank), "lora_alpha": \#(alpha)}"#,
        to: "\(name)/adapter_config.json")
      try folder.write(tensors, to: "\(name)/adapter_model.safetensors")
      return try Adapter(opening: folder.path.appending(name))
    }
    func factors(_ a: [Float], _ b: [Float], rank: Int) -> [FilledTensor] {
      [
        FilledTensor("base_model.model.q.lora_A.weight", [rank, 11], .f32, values: a),
        FilledTensor("base_model.model.q.lora_B.weight", [9, rank], .f32, values: b),
      ]
    }
    let (a, b) = (
      FilledTensor("", [2, 11], .f32, seed: 1).values,
      FilledTensor("", [9, 2], .f32, seed: 2).values
    )
    let (c, d) = (
      FilledTensor("", [2, 11], .f32, seed: 3).values,
      FilledTensor("", [9, 2], .f32, seed: 4).values
    )
    let plain = try Self.difference(
      try adapter("one", alpha: 2, rank: 2, factors(a, b, rank: 2)),
      try adapter("two", alpha: 2, rank: 2, factors(c, d, rank: 2)))
    let scaled = try Self.difference(
      try adapter("one6", alpha: 6, rank: 2, factors(a, b, rank: 2)),
      try adapter("two6", alpha: 6, rank: 2, factors(c, d, rank: 2)))
    // The same change with each rank twice: B's columns halved, A's rows repeated.
    var halves: [Float] = []
    for value in d { halves += [value / 2, value / 2] }
    let (first, second) = (Array(c[0..<11]), Array(c[11..<22]))
    let doubled: [Float] = first + first + second + second
    let split = try Self.difference(
      try adapter("one4", alpha: 2, rank: 2, factors(a, b, rank: 2)),
      try adapter("two4", alpha: 4, rank: 4, factors(doubled, halves, rank: 4)))
    for norm in MatrixNorm.allCases {
      let one = try #require(plain.updates.first?.norms(norm))
      let six = try #require(scaled.updates.first?.norms(norm))
      let four = try #require(split.updates.first?.norms(norm))
      #expect(abs(six.distance - 3 * one.distance) <= 1e-12 * six.distance && one.distance > 0)
      #expect(abs(four.distance - one.distance) <= 1e-12 * one.distance)
    }
  }
}
