import Files
import Tensors
import TestSupport
import Testing

@testable import Adapters

/// Every supported fixture, merged and taken out again.
@Suite struct MergeFixturesTests {
  /// A fixture and where its expected merge is.
  struct Fixture: Sendable, CustomStringConvertible {
    let name: String
    let expected: String
    /// The base, where the adapter does not name it.
    let base: String?
    var description: String { name }

    init(_ name: String, like expected: String? = nil, on base: String? = nil) {
      self.name = name
      self.expected = expected ?? name
      self.base = base
    }
  }

  static let fixtures = [
    Fixture("lora"), Fixture("rslora"), Fixture("lora_patterns"), Fixture("rslora_patterns"),
    Fixture("lora_bf16"), Fixture("lora_layers"), Fixture("lora_named_adapter"),
    Fixture("lora_embedding"), Fixture("lora_embedding_saved"), Fixture("lora_modules_to_save"),
    Fixture("lora_trainable_tokens"), Fixture("trainable_tokens"), Fixture("lora_bias_gpt2"),
    Fixture("lora_bias_all_gpt2"), Fixture("lora_lorabias_gpt2"), Fixture("lora_conv1d_gpt2"),
    Fixture("lora_tied_embedding_gpt2"), Fixture("lora_conv"), Fixture("lora_llava"),
    Fixture("dora"), Fixture("dora_conv"), Fixture("dora_embedding"), Fixture("dora_conv1d_gpt2"),
    Fixture("pissa"), Fixture("olora"), Fixture("pissa/converted", like: "pissa"),
    Fixture("olora/converted", like: "olora"),
    Fixture("adalora"), Fixture("adalora_pruned"), Fixture("lora_xs"), Fixture("lora_sb"),
    Fixture("lora_xs/adapter_model_new_peft_keys.safetensors", like: "lora_xs"),
    Fixture("loha"), Fixture("loha_conv"), Fixture("loha_conv_effective"), Fixture("lokr"),
    Fixture("lokr_decompose_both"), Fixture("lokr_full_w2"), Fixture("lokr_conv"),
    Fixture("lokr_conv_effective"), Fixture("ln_tuning"), Fixture("ia3"),
    Fixture("ia3_conv1d_gpt2"), Fixture("oft"), Fixture("oft_terms3"), Fixture("oft_exact"),
    Fixture("mora_type1"), Fixture("mora_type2"), Fixture("mora_type3"), Fixture("mora_type4"),
    Fixture("mora_type6"), Fixture("vera"), Fixture("vera_no_projection"),
    Fixture("vera_conv1d_gpt2"), Fixture("lora_moe_mixtral"), Fixture("lora_moe_qwen2"),
    Fixture("lora_moe_gpt_oss"), Fixture("oft_block_share"), Fixture("oft_coft"), Fixture("boft"),
    Fixture("lora_bin_zip", like: "lora"), Fixture("lora_bin_legacy", like: "lora"),
    Fixture("mlx_lora", like: "lora", on: "base"),
    Fixture("torchtune_lora", like: "lora", on: "base"),
    Fixture("gguf_lora", like: "lora", on: "base"),
    Fixture("lycoris_locon", on: "base_conv"), Fixture("lycoris_locon_rs", on: "base_conv"),
    Fixture("lycoris_locon_tucker", on: "base_conv"),
    Fixture("lycoris_locon_dora_out", on: "base_conv"),
    Fixture("lycoris_full", on: "base_conv"), Fixture("lycoris_loha", on: "base_conv"),
    Fixture("lycoris_loha_tucker", on: "base_conv"), Fixture("lycoris_lokr", on: "base_conv"),
    Fixture("lycoris_lokr_full", on: "base_conv"), Fixture("lycoris_lokr_tucker", on: "base_conv"),
  ]

  private let folder: MadeFolder

  init() throws { folder = try MadeFolder() }

  private func opened(_ name: String) throws -> (base: Checkpoint, adapter: Adapter) {
    let fixture = Fixtures.peft.appending(name)
    let own = fixture.appending("adapter.safetensors")
    let adapter = try Adapter(opening: own.isFile ? own : fixture)
    let base = adapter.declaredBase ?? Self.fixtures.first { $0.name == name }?.base ?? ""
    return (try Checkpoint(opening: Fixtures.peft.appending(Path(base).name)), adapter)
  }

  /// Writes a merge and opens it.
  private func merge(_ name: String, _ options: MergeOptions) throws -> Checkpoint {
    let (base, adapter) = try opened(name)
    let plan = try MergePlan(base: base, adapters: [WeightedAdapter(adapter)], options: options)
    let path = folder.path.appending("merged")
    _ = try plan.write(to: path, tool: "test", execution: .small)
    return try Checkpoint(opening: path)
  }

  @Test(arguments: fixtures)
  func `a fixture merges to what PEFT computes in single precision`(fixture: Fixture) throws {
    var options = MergeOptions()
    options.dtype = .f32
    // PEFT merges into the shared tensor; untying it is what the model that was trained needs.
    if fixture.name == "lora_tied_embedding_gpt2" { options.tied = .share }
    let merged = try merge(fixture.name, options)
    let expected = try TensorFile(
      opening: Fixtures.peft.appending(fixture.expected).appending("expected_merged.safetensors")
    )
    let base = try opened(fixture.name).base
    for info in expected.tensors {
      let wanted = PlainElements.values(try expected.bytes(of: info), of: info.dtype)
      let found = try merged.values(info.name)
      try #require(found.count == wanted.count)
      let largest = wanted.reduce(0) { max($0, abs($1)) }
      let error = zip(found, wanted).reduce(0) { max($0, abs($1.0 - $1.1)) }
      #expect(error <= 1e-6 * largest, "\(info.name) is off by \(error / largest)")
    }
    let changed = Set(expected.tensors.map(\.name))
    for name in base.names where !changed.contains(name) {
      #expect(try merged.values(name) == base.values(name), "\(name)")
    }
    #expect(merged.names == base.names)
  }

  @Test(arguments: fixtures)
  func `a fixture comes out again, every file byte for byte`(fixture: Fixture) throws {
    let (base, adapter) = try opened(fixture.name)
    let trip = try folder.roundTrip(base, [WeightedAdapter(adapter)])
    #expect(try trip.differences() == [])
    #expect(trip.undone.touchedCount > 0)
  }

  @Test func `with PEFT's two roundings a merge is what PEFT merges in bfloat16`() throws {
    var options = MergeOptions()
    options.rounding = .peft
    let merged = try merge("lora_bf16", options)
    let expected = try TensorFile(
      opening: Fixtures.peft.appending("lora_bf16/expected_merged_peft_bf16.safetensors")
    )
    var (offCount, farCount, count) = (0, 0, 0)
    for info in expected.tensors {
      let wanted = PlainElements.bits(try expected.bytes(of: info), of: info.dtype)
      let found = try merged.bits(info.name)
      try #require(found.count == wanted.count)
      for (found, wanted) in zip(found, wanted) {
        // The product is summed in another order there, which may turn one rounding of the delta;
        // that moves the sum by at most a unit of its last place.
        offCount += found == wanted ? 0 : 1
        farCount += PlainElements.distance(found, wanted, width: 16) > 1 ? 1 : 0
      }
      count += found.count
    }
    #expect(farCount == 0)
    #expect(offCount * 1000 < count, "\(offCount) of \(count) are off")
  }

  @Test func `without them, many elements are others`() throws {
    let merged = try merge("lora_bf16", MergeOptions())
    let expected = try TensorFile(
      opening: Fixtures.peft.appending("lora_bf16/expected_merged_peft_bf16.safetensors")
    )
    let info = try #require(expected.tensors.first)
    let wanted = PlainElements.bits(try expected.bytes(of: info), of: info.dtype)
    let offCount = zip(try merged.bits(info.name), wanted).count { $0 != $1 }
    #expect(offCount * 20 > wanted.count)
  }
}

extension Checkpoint {
  /// A tensor's elements as values.
  func values(_ name: TensorName) throws -> [Float] {
    let place = try #require(self[name])
    return PlainElements.values(try shards[place.shard].bytes(of: place.info), of: place.info.dtype)
  }

  /// A tensor's elements as bits.
  func bits(_ name: TensorName) throws -> [UInt64] {
    let place = try #require(self[name])
    return PlainElements.bits(try shards[place.shard].bytes(of: place.info), of: place.info.dtype)
  }
}

extension PlainElements {
  /// How many representable numbers lie from one element to another, NaN and −0 counted as places.
  static func distance(_ left: UInt64, _ right: UInt64, width: Int) -> UInt64 {
    func place(_ bits: UInt64) -> Int64 {
      let sign: UInt64 = 1 << UInt64(width - 1)
      return bits & sign == 0 ? Int64(bits) : -Int64(bits & (sign - 1))
    }
    return (place(left) - place(right)).magnitude
  }
}
