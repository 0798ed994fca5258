import Files
import Tensors
import TestSupport
import Testing

@testable import Adapters

/// Quantised bases read as the weights that training saw. The fixtures' values are those of
/// bitsandbytes, compared bit for bit: each element is one or two products, each rounded once.
@Suite struct DequantisingTests {
  private let folder: MadeFolder

  init() throws { folder = try MadeFolder() }

  static let weight = TensorName("model.layers.0.self_attn.q_proj.weight")
  static let fourBits = [
    "qlora_nf4", "qlora_nf4_double", "qlora_fp4_double", "qlora_nf4_bf16_storage",
  ]

  private func open(_ name: String, _ file: String) throws -> Checkpoint {
    try Checkpoint(opening: Fixtures.peft.appending(name).appending(file))
  }

  private func bytes(_ model: Checkpoint, _ name: TensorName) throws -> [UInt8] {
    let place = try #require(model[name])
    return try model.shards[place.shard].bytes(of: place.info)
  }

  @Test(arguments: fourBits)
  func `four bits are what bitsandbytes makes of them, rounded to the type of training`(
    fixture: String
  ) throws {
    let base = try open(fixture, "quantized.safetensors").dequantised()
    #expect(base.isDequantised && base.names == [Self.weight])
    let place = try #require(base[Self.weight])
    #expect(place.info.dtype == .bf16 && place.info.shape.extents == [96, 200])
    let expected = try open(fixture, "expected_dequantized.safetensors")
    #expect(
      try bytes(base, Self.weight) == bytes(expected, TensorName(Self.weight.text + ".as_bf16")))
  }

  @Test func `eight bits are what bitsandbytes makes of them`() throws {
    let base = try open("qlora_int8", "quantized.safetensors").dequantised()
    let expected = try bytes(
      try open("qlora_int8", "expected_dequantized.safetensors"), Self.weight)
    #expect(
      try bytes(base, Self.weight)
        == PlainElements.bytes(PlainElements.values(expected, of: .f32), as: .f16))
  }

  @Test(arguments: fourBits + ["qlora_int8"])
  func `values before rounding are those of bitsandbytes, in any division`(fixture: String) throws {
    let quantised = try QuantisedTensors(
      of: try open(fixture, "quantized.safetensors"), form: .best)
    let weight = try #require(quantised.weights[Self.weight])
    let expected = PlainElements.values(
      try bytes(try open(fixture, "expected_dequantized.safetensors"), Self.weight), of: .f32)
    let count = expected.count
    for step in [count, 1_001, 63, 1] {
      var values: [Float] = []
      for start in stride(from: 0, to: step == 1 ? 200 : count, by: step) {
        values += try weight.values(start..<min(start + step, count))
      }
      #expect(values.map(\.bitPattern) == expected.prefix(values.count).map(\.bitPattern))
    }
  }

  @Test func `bytes are the same for any range of them`() throws {
    let base = try open("qlora_nf4_double", "quantized.safetensors").dequantised()
    let file = base.shards[0]
    let whole = try file.reader.bytes(at: 0, count: file.reader.byteCount)
    for (start, count) in [(0, 1), (1, 2), (127, 129), (401, 3_000), (whole.count - 3, 3)] {
      #expect(
        try file.reader.bytes(at: start, count: count) == Array(whole[start..<start + count]))
      var buffer = [UInt8](repeating: 7, count: count + 1)
      try file.reader.read(at: start, count: count, into: &buffer)
      #expect(buffer == whole[start..<start + count] + [7])
    }
    #expect(throws: FileError.self) { try file.reader.bytes(at: whole.count - 1, count: 2) }
  }

  /// Packs codes into 32-bit words, the first in the lowest bits, one bit at a time.
  private static func packed(_ codes: [Int], bits: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: codes.count * bits / 8)
    for (index, code) in codes.enumerated() {
      for bit in 0..<bits where code >> bit & 1 == 1 {
        bytes[(index * bits + bit) / 8] |= 1 << UInt8((index * bits + bit) % 8)
      }
    }
    return bytes
  }

  @Test(arguments: [2, 3, 4, 5, 6, 8])
  func `groups of MLX are scale times code plus bias`(bits: Int) throws {
    let (rows, columns, group) = (5, 64, 32)
    var generator = SeededGenerator(seed: UInt64(bits))
    let codes = (0..<rows * columns).map { _ in generator.index(below: 1 << bits) }
    let scales = FilledTensor("m.scales", [rows, columns / group], .bf16, deviation: 0.01, seed: 1)
    let biases = FilledTensor("m.biases", [rows, columns / group], .bf16, deviation: 0.1, seed: 2)
    let base = try folder.base(
      [
        FilledTensor(
          "m.weight", [rows, columns * bits / 32], .u32, bytes: Self.packed(codes, bits: bits)),
        scales, biases, FilledTensor("norm.weight", [8], .bf16, seed: 3),
      ], config: #"{"model_type": "llama", "quantization": {"group_size": 32, "bits": \#(bits)}}"#
    ).dequantised()
    let values = codes.indices.map {
      scales.values[$0 / group] * Float(codes[$0]) + biases.values[$0 / group]
    }
    #expect(try bytes(base, TensorName("m.weight")) == PlainElements.bytes(values, as: .bf16))
    #expect(
      try bytes(base, TensorName("norm.weight"))
        == FilledTensor("norm.weight", [8], .bf16, seed: 3).bytes)
    #expect(base.names == [TensorName("m.weight"), TensorName("norm.weight")])
    #expect(base.config?["quantization"] == nil)
  }

  /// The quantised fixture as a model's folder, and the same model with plain weights.
  private func models() throws -> (quantised: Checkpoint, plain: Checkpoint) {
    let source = Fixtures.peft.appending("qlora_nf4_double")
    let bytes = try FileReader.contents(
      of: source.appending("quantized.safetensors"), limit: 1 << 20)
    try folder.write(
      #"{"model_type": "llama", "quantization_config": {"quant_method": "bitsandbytes"}}"#,
      to: "quantised/config.json")
    try FileWriter.write(bytes, creating: folder.path.appending("quantised/model.safetensors"))
    let expected = try open("qlora_nf4_double", "expected_dequantized.safetensors")
    let plain = try folder.base(
      [
        FilledTensor(
          Self.weight.text, [96, 200], .bf16,
          bytes: try self.bytes(expected, TensorName(Self.weight.text + ".as_bf16")))
      ], named: "plain")
    return (try Checkpoint(opening: folder.path.appending("quantised")), plain)
  }

  @Test func `a merge is the one into the plain weights, and the way back leads to them`() throws {
    let (quantised, plain) = try models()
    let adapter = try folder.adapter(
      FilledTensor.factors(
        "model.layers.0.self_attn.q_proj", out: 96, in: 200, deviation: 0.01, seed: 4))
    let trip = try folder.roundTrip(quantised, [WeightedAdapter(adapter)], named: "quantised")
    let twin = try folder.roundTrip(plain, [WeightedAdapter(adapter)], named: "plain")
    let (merged, same) = (
      try Checkpoint(opening: trip.merged), try Checkpoint(opening: twin.merged)
    )
    #expect(merged.names == [Self.weight])
    #expect(try bytes(merged, Self.weight) == bytes(same, Self.weight))
    #expect(merged.config?["quantization_config"] == nil && merged.config?["model_type"] != nil)
    #expect(trip.report.plan.notes.contains { $0.contains("quantised") })

    let restored = try Checkpoint(opening: trip.restored)
    #expect(trip.undone.isExact && trip.undone.isPublished)
    #expect(try bytes(restored, Self.weight) == bytes(plain, Self.weight))
    #expect(restored.config?["quantization_config"] == nil)

    let verification = try Verification(
      of: merged, base: quantised, adapters: [WeightedAdapter(adapter)], options: MergeOptions(),
      tolerance: 0)
    #expect(try verification.report(execution: .small).isRight)
  }

  @Test(arguments: [
    ("absmax", "lacks m.weight.absmax"), ("quant_map", "lacks m.weight.quant_map"),
    ("short", "bytes where [4, 64] needs 128"), ("state", "says no block size"),
    ("weight", "which is not there"),
  ])
  func `tensors that contradict one another are refused`(broken: String, sentence: String) throws {
    let state =
      broken == "state"
      ? #"{"blocksize": 0}"# : #"{"blocksize": 64, "dtype": "bfloat16", "shape": [4, 64]}"#
    var tensors = [
      FilledTensor("m.weight.absmax", [4], seed: 1),
      FilledTensor("m.weight.quant_map", [16], seed: 2),
      FilledTensor(
        "m.weight.quant_state.bitsandbytes__nf4", [state.utf8.count], .u8, bytes: Array(state.utf8)),
      FilledTensor(
        "m.weight", [broken == "short" ? 100 : 128, 1], .u8,
        bytes: [UInt8](repeating: 0x5A, count: broken == "short" ? 100 : 128)),
    ]
    tensors.removeAll { $0.name == (broken == "weight" ? "m.weight" : "m.weight.\(broken)") }
    let base = try folder.base(tensors)
    do {
      _ = try base.dequantised()
      Issue.record("\(broken) was not noticed")
    } catch {
      #expect("\(error)".contains(sentence), "\(error)")
    }
  }
}
