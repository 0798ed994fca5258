import Files
import JSON
import Tensors
import TestSupport
import Testing

@testable import Adapters

/// Every pair of layouts that hold the same change, there and back.
@Suite struct ConversionTests {
  private let folder: MadeFolder

  init() throws { folder = try MadeFolder() }

  private func convert(
    _ adapter: Adapter, _ target: ConversionTarget, _ base: Checkpoint?, named name: String,
    _ options: ConversionOptions = ConversionOptions()
  ) throws -> Adapter {
    let report = try AdapterConversion(adapter, to: target, base: base, options: options).write(
      to: folder.path.appending(name), checkingRoundTrip: true, execution: .small)
    let check = try #require(report.check)
    #expect(check.isRight, "\(name): \(check.failures), \(check.largestError)")
    #expect(check.moduleCount == adapter.updates.count)
    return try Adapter(opening: folder.path.appending(name))
  }

  /// The merge of an adapter, in single precision.
  private func merged(_ adapter: Adapter, _ base: Checkpoint, named name: String) throws
    -> Checkpoint
  {
    var options = MergeOptions()
    options.dtype = .f32
    let plan = try MergePlan(base: base, adapters: [WeightedAdapter(adapter)], options: options)
    let path = folder.path.appending(name)
    _ = try plan.write(to: path, tool: "test", execution: .small)
    return try Checkpoint(opening: path)
  }

  static let models: [ConversionTarget] = [.peft, .kohya, .mlx, .torchtune, .gguf]

  @Test(arguments: models, models)
  func `a change is the same in any two layouts`(
    first: ConversionTarget, second: ConversionTarget
  ) throws {
    let base = try Checkpoint(opening: Fixtures.peft.appending("base"))
    let adapter = try Adapter(opening: Fixtures.peft.appending("lora"))
    let there = try convert(adapter, first, base, named: "first")
    #expect(there.format.rawValue == first.rawValue)
    let back = try convert(there, second, base, named: "second")
    let (wanted, found) = (
      try merged(adapter, base, named: "wanted"), try merged(back, base, named: "found")
    )
    // A power of two and a half: exact in every layout, so that not a bit may differ.
    for name in base.names { #expect(try wanted.bits(name) == found.bits(name), "\(name)") }
  }

  @Test(arguments: models)
  func `patterns of ranks and scales survive`(target: ConversionTarget) throws {
    let base = try Checkpoint(opening: Fixtures.peft.appending("base"))
    for name in ["lora_patterns", "rslora_patterns"] {
      let adapter = try Adapter(opening: Fixtures.peft.appending(name))
      let there = try convert(adapter, target, base, named: name)
      _ = try convert(there, .peft, base, named: name + "-back")
    }
  }

  @Test func `a diffusion model's adapter goes through its three layouts`() throws {
    let path = "base_model.model.down_blocks.0.attn1"
    let adapter = try folder.adapter([
      FilledTensor("\(path).to_q.lora_A.weight", [4, 6], seed: 1),
      .init("\(path).to_q.lora_B.weight", [6, 4], seed: 2),
      .init("\(path).conv.lora_A.weight", [4, 6, 3, 3], seed: 3),
      .init("\(path).conv.lora_B.weight", [8, 4, 1, 1], seed: 4),
    ])
    let base = try folder.base([
      FilledTensor("down_blocks.0.attn1.to_q.weight", [6, 6], seed: 5),
      .init("down_blocks.0.attn1.conv.weight", [8, 6, 3, 3], seed: 6),
    ])
    var last = adapter
    for (number, target) in [ConversionTarget.kohya, .diffusers, .kohya, .peft].enumerated() {
      last = try convert(last, target, base, named: "step\(number)")
    }
    #expect(last.updates.map(\.target) == adapter.updates.map(\.target))
    #expect(
      try merged(last, base, named: "b").values("down_blocks.0.attn1.conv.weight")
        == merged(adapter, base, named: "a").values("down_blocks.0.attn1.conv.weight"))
  }

  @Test(arguments: [DType.bf16, .f16])
  func `a narrower type rounds the factors once`(dtype: DType) throws {
    let base = try Checkpoint(opening: Fixtures.peft.appending("base"))
    let adapter = try Adapter(opening: Fixtures.peft.appending("rslora"))
    var options = ConversionOptions()
    options.dtype = dtype
    options.bakesScale = true
    let made = try convert(adapter, .mlx, base, named: "narrow", options)
    #expect(made.updates.allSatisfy { $0.lowRank?.scaling.factor == 1 })
    #expect(made.file.tensors.allSatisfy { $0.dtype == dtype })
  }

  @Test func `other exact forms become plain factors`() throws {
    let base = try Checkpoint(opening: Fixtures.peft.appending("base"))
    for name in [
      "loha", "lokr", "lora_xs", "adalora", "vera", "mora_type1", "mora_type2", "mora_type3",
      "mora_type4", "pissa", "olora",
    ] {
      let adapter = try Adapter(opening: Fixtures.peft.appending(name))
      let report = try AdapterConversion(adapter, to: .peft, base: base).write(
        to: folder.path.appending(name), checkingRoundTrip: true, execution: .small)
      #expect(report.tensorCount == 2 * adapter.updates.count)
      #expect(report.check?.isRight == true, "\(name)")
      let plain = try Adapter(opening: folder.path.appending(name))
      #expect(plain.method == .lora)
      let (one, other) = (
        try merged(adapter, base, named: name + "-a"), try merged(plain, base, named: name + "-b")
      )
      for name in base.names {
        let (wanted, found) = (try one.values(name), try other.values(name))
        let largest = wanted.reduce(0) { max($0, abs($1)) }
        #expect(zip(wanted, found).allSatisfy { abs($0 - $1) <= 1e-6 * largest }, "\(name)")
      }
    }
  }

  @Test(arguments: [
    ("dora", ConversionTarget.gguf, "DoRA's magnitudes"),
    ("lora_modules_to_save", .mlx, "a tensor given whole"),
    ("lora_modules_to_save", .kohya, "a tensor given whole"),
    ("lora_trainable_tokens", .gguf, "a tensor given whole"),
    ("lora", .diffusers, "which is in no model of a diffusion pipeline"),
    ("ia3", .peft, "an update that is no product of two factors"),
    ("oft", .kohya, "an update that is no product of two factors"),
    ("mora_type6", .peft, "an update that is no product of two factors"),
    ("dora", .dense, "is not added to the weight"),
    ("lora_embedding", .torchtune, "an update of an embedding"),
  ])
  func `what a layout cannot express is refused by name`(
    name: String, target: ConversionTarget, reason: String
  ) throws {
    let base = try Checkpoint(opening: Fixtures.peft.appending("base"))
    let adapter = try Adapter(opening: Fixtures.peft.appending(name))
    let found = refusal {
      _ = try AdapterConversion(adapter, to: target, base: base)
      return adapter
    }
    #expect(found.hasPrefix("unsupported") && found.contains(reason), "\(found)")
  }

  @Test(arguments: [
    "gguf_lora", "torchtune_lora", "lycoris_locon/adapter.safetensors", "vera", "mora_type2",
  ])
  func `a base is asked for where names or orders are the base's`(name: String) throws {
    let adapter = try Adapter(opening: Fixtures.peft.appending(name))
    let found = refusal {
      _ = try AdapterConversion(adapter, to: .peft)
      return adapter
    }
    #expect(found.contains("no base is named"), "\(found)")
  }

  @Test(arguments: models)
  func `the bytes do not depend on the number of threads`(target: ConversionTarget) throws {
    let base = try Checkpoint(opening: Fixtures.peft.appending("base"))
    let adapter = try Adapter(opening: Fixtures.peft.appending("lora_patterns"))
    let conversion = try AdapterConversion(adapter, to: target, base: base)
    let paths = [1, 3].map { folder.path.appending("\(target.rawValue)-\($0)") }
    for (path, count) in zip(paths, [1, 3]) {
      var execution = Execution.small
      execution.workers = .init(count: count)
      _ = try conversion.write(to: path, execution: execution)
    }
    let names = try paths[0].entryNames()
    for name in names {
      let files = try paths.map {
        try FileReader.contents(of: $0.appending(name), limit: 1 << 24)
      }
      #expect(files[0] == files[1], "\(name)")
    }
  }

  @Test func `dense changes are what merging adds`() throws {
    let adapter = try Adapter(opening: Fixtures.peft.appending("lora"))
    _ = try AdapterConversion(adapter, to: .dense).write(
      to: folder.path.appending("dense"), execution: .small)
    let file = try TensorFile(opening: folder.path.appending("dense/delta.safetensors"))
    let base = try Checkpoint(opening: Fixtures.peft.appending("base"))
    let expected = try TensorFile(
      opening: Fixtures.peft.appending("lora/expected_merged.safetensors"))
    #expect(file.tensors.map(\.name).sorted() == expected.tensors.map(\.name).sorted())
    for info in expected.tensors {
      let mine = try #require(file.tensors.first { $0.name == info.name })
      let delta = PlainElements.values(try file.bytes(of: mine), of: .f32)
      let merged = PlainElements.values(try expected.bytes(of: info), of: .f32)
      let old = try base.values(info.name)
      let largest = merged.reduce(0) { max($0, abs($1)) }
      #expect(
        zip(zip(old, delta), merged).allSatisfy { abs($0.0 + $0.1 - $1) <= 1e-6 * largest })
    }
  }
}
