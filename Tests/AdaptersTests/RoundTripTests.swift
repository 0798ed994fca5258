import Compute
import Files
import Tensors
import TestSupport
import Testing

@testable import Adapters

/// merge, then unmerge: the base comes back, file by file and bit by bit.
@Suite struct RoundTripTests {
  private let folder: MadeFolder

  init() throws { folder = try MadeFolder() }

  static let types: [DType] = [.bf16, .f16, .f32, .f64]
  static let ratios: [Float] = [1e-4, 1e-3, 1e-2, 1e-1, 1]
  static let query = "model.layers.0.self_attn.q_proj"

  /// A base of one linear layer, `[out, in]`, with odd values, an embedding and a norm.
  private func base(_ dtype: DType, sprinkled: Bool = true, config: String? = nil) throws
    -> Checkpoint
  {
    let linear = FilledTensor("\(Self.query).weight", [40, 72], dtype, seed: 1)
    let embedding = FilledTensor("model.embed_tokens.weight", [30, 40], dtype, seed: 2)
    let norm = FilledTensor("model.norm.weight", [40], .f32, deviation: 1, seed: 3)
    return try folder.base(
      [
        sprinkled ? embedding.sprinkled(seed: 4) : embedding,
        sprinkled ? linear.sprinkled(seed: 5) : linear, norm,
      ],
      config: config ?? #"{"model_type": "llama", "torch_dtype": "bfloat16"}"#
    )
  }

  private func lora(_ ratio: Float, seed: UInt64 = 10, named name: String = "lora") throws
    -> Adapter
  {
    try folder.adapter(
      FilledTensor.factors(
        Self.query,
        out: 40,
        in: 72,
        deviation: 0.02 * ratio,
        seed: seed
      ),
      named: name
    )
  }

  private func dora(_ ratio: Float, seed: UInt64 = 20, named name: String = "dora") throws
    -> Adapter
  {
    let factors = FilledTensor.factors(
      Self.query,
      out: 40,
      in: 72,
      deviation: 0.02 * ratio,
      seed: seed
    )
    let magnitude = FilledTensor.magnitude(Self.query, 40, norm: 0.17, seed: seed + 2)
    return try folder.adapter(
      factors + [magnitude],
      settings: [#""use_dora": true"#],
      named: name
    )
  }

  private func expectBack(
    _ base: Checkpoint,
    _ adapters: [WeightedAdapter],
    _ options: MergeOptions = MergeOptions(),
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let trip = try folder.roundTrip(base, adapters, options)
    #expect(try trip.differences() == [], sourceLocation: sourceLocation)
  }

  @Test(arguments: types, ratios)
  func `a LoRA comes out of weights with odd values`(dtype: DType, ratio: Float) throws {
    var options = MergeOptions()
    options.allowsUnchanged = true
    try expectBack(base(dtype), [WeightedAdapter(lora(ratio))], options)
  }

  @Test(arguments: types, ratios)
  func `a DoRA comes out of weights with odd values`(dtype: DType, ratio: Float) throws {
    try expectBack(base(dtype), [WeightedAdapter(dora(ratio))])
  }

  @Test(arguments: types)
  func `several weighted adapters come out together`(dtype: DType) throws {
    try expectBack(
      base(dtype),
      [
        WeightedAdapter(lora(0.1, named: "one"), weight: 0.7),
        WeightedAdapter(lora(0.3, seed: 30, named: "two"), weight: 0.3),
        WeightedAdapter(lora(0.2, seed: 40, named: "three"), weight: -0.5),
      ]
    )
  }

  @Test(arguments: types)
  func `DoRA and LoRA come out together`(dtype: DType) throws {
    try expectBack(
      base(dtype),
      [
        WeightedAdapter(dora(0.1), weight: 0.7), WeightedAdapter(lora(0.3), weight: 0.3),
        WeightedAdapter(dora(0.2, seed: 50, named: "another"), weight: -0.5),
      ]
    )
  }

  @Test func `one adapter given twice comes out twice`() throws {
    let adapter = try lora(0.1)
    try expectBack(
      base(.bf16),
      [WeightedAdapter(adapter, weight: 0.6), WeightedAdapter(adapter, weight: 0.5)]
    )
  }

  @Test func `a gain of zero comes out`() throws {
    // With weight 1 / (1 − c) the base's factor 1 + w·(c − 1) is 0 in every row of equal c; here a
    // magnitude of zero makes c = 0, so that weight 1 wipes whole rows out.
    let factors = FilledTensor.factors(Self.query, out: 40, in: 72, deviation: 0.002, seed: 6)
    let magnitude = FilledTensor(
      "base_model.model.\(Self.query).lora_magnitude_vector",
      [40],
      values: (0..<40).map { $0 % 3 == 0 ? 0 : 0.2 }
    )
    let adapter = try folder.adapter(
      factors + [magnitude],
      settings: [#""use_dora": true"#]
    )
    for dtype in Self.types {
      try folder.path.appending("base").removeTree()
      try folder.path.appending("trip-merged").removeTree()
      try folder.path.appending("trip-restored").removeTree()
      try expectBack(base(dtype), [WeightedAdapter(adapter)])
    }
  }

  @Test(arguments: types)
  func `a Conv1D DoRA comes out`(dtype: DType) throws {
    let module = "transformer.h.0.attn.c_attn"
    let base = try folder.base(
      [FilledTensor("\(module).weight", [24, 72], dtype, seed: 1).sprinkled(seed: 2)],
      config: #"{"model_type": "gpt2"}"#
    )
    let adapter = try folder.adapter(
      FilledTensor.factors(module, out: 72, in: 24, deviation: 0.004, seed: 3)
        + [FilledTensor.magnitude(module, 72, norm: 0.1, seed: 5)],
      settings: [#""use_dora": true"#, #""fan_in_fan_out": true"#]
    )
    try expectBack(base, [WeightedAdapter(adapter, weight: 0.9)])
  }

  @Test(arguments: types, [false, true])
  func `an embedding's update comes out`(dtype: DType, hasMagnitudes: Bool) throws {
    let prefix = "base_model.model.model.embed_tokens"
    var tensors = [
      FilledTensor("\(prefix).lora_embedding_A", [4, 30], deviation: 0.05, seed: 6),
      FilledTensor("\(prefix).lora_embedding_B", [40, 4], deviation: 0.05, seed: 7),
    ]
    if hasMagnitudes {
      tensors.append(FilledTensor.magnitude("model.embed_tokens", 40, norm: 0.11, seed: 8))
    }
    let adapter = try folder.adapter(
      tensors,
      settings: hasMagnitudes ? [#""use_dora": true"#] : []
    )
    try expectBack(base(dtype), [WeightedAdapter(adapter)])
  }

  @Test(arguments: types, [DType.f32, .bf16])
  func `replaced tensors and rows come out`(dtype: DType, stored: DType) throws {
    let replacing = try folder.adapter(
      FilledTensor.factors(Self.query, out: 40, in: 72, deviation: 0.002, seed: 9) + [
        FilledTensor("base_model.model.model.norm.weight", [40], stored, deviation: 1, seed: 11)
      ],
      settings: [#""modules_to_save": ["norm"]"#],
      named: "replacing"
    )
    let rows = try folder.adapter(
      FilledTensor.factors(Self.query, out: 40, in: 72, deviation: 0.002, seed: 12) + [
        FilledTensor(
          "base_model.model.model.embed_tokens.token_adapter.trainable_tokens_delta",
          [3, 40],
          stored,
          seed: 13
        )
      ],
      settings: [#""trainable_token_indices": [29, 0, 7]"#],
      named: "rows"
    )
    try expectBack(base(dtype), [WeightedAdapter(replacing), WeightedAdapter(rows)])
  }

  @Test(arguments: [27, 30, 33], types)
  func `a vocabulary of another size comes out`(rows: Int, dtype: DType) throws {
    let prefix = "base_model.model.model.embed_tokens"
    let adapter = try folder.adapter(
      [
        FilledTensor("\(prefix).base_layer.weight", [rows, 40], seed: 6),
        FilledTensor("\(prefix).lora_embedding_A", [4, rows], deviation: 0.05, seed: 6),
        FilledTensor("\(prefix).lora_embedding_B", [40, 4], deviation: 0.05, seed: 7),
      ])
    let base = try base(dtype, config: #"{"model_type": "llama", "vocab_size": 30}"#)
    let trip = try folder.roundTrip(base, [WeightedAdapter(adapter)])
    #expect(try trip.differences() == [])
    let merged = try Checkpoint(opening: trip.merged)
    #expect(merged["model.embed_tokens.weight"]?.info.shape == Shape([rows, 40]))
    #expect(merged.config?["vocab_size"]?.integer == rows)
  }

  @Test(arguments: types)
  func `a new head and a bias that the base lacks go away again`(dtype: DType) throws {
    let adapter = try folder.adapter(
      FilledTensor.factors(Self.query, out: 40, in: 72, deviation: 0.002, seed: 9) + [
        FilledTensor("base_model.model.score.weight", [2, 40], seed: 10),
        FilledTensor(
          "base_model.model.\(Self.query).lora_B.bias",
          [40],
          deviation: 0.01,
          seed: 11
        ),
      ],
      settings: [#""modules_to_save": ["score"]"#, #""lora_bias": true"#]
    )
    let trip = try folder.roundTrip(try base(dtype), [WeightedAdapter(adapter)])
    #expect(try trip.differences() == [])
    let merged = try Checkpoint(opening: trip.merged)
    #expect(merged["score.weight"]?.info.dtype == dtype)
    #expect(merged[TensorName("\(Self.query).bias")] != nil)
  }

  @Test(arguments: types, MergeOptions.TiedEmbeddings.allCases)
  func `a tied head comes out, untied or shared`(
    dtype: DType,
    tied: MergeOptions.TiedEmbeddings
  ) throws {
    let base = try base(
      dtype,
      config: #"{"model_type": "llama", "tie_word_embeddings": true}"#
    )
    let adapter = try folder.adapter(
      FilledTensor.factors("lm_head", out: 30, in: 40, deviation: 0.002, seed: 9)
    )
    var options = MergeOptions()
    options.tied = tied
    let trip = try folder.roundTrip(base, [WeightedAdapter(adapter)], options)
    #expect(try trip.differences() == [])
    let merged = try Checkpoint(opening: trip.merged)
    #expect((merged["lm_head.weight"] != nil) == (tied == .untie))
    #expect(merged.config?["tie_word_embeddings"]?.bool == (tied == .share))
    if tied == .untie {
      #expect(
        try merged.bits("model.embed_tokens.weight") == base.bits("model.embed_tokens.weight")
      )
    }
  }

  @Test(arguments: types, [DType.f32, .bf16, .f16])
  func `another type of output comes out`(dtype: DType, output: DType) throws {
    var options = MergeOptions()
    options.dtype = output
    // Numbers at the end of the range of one type are too large for another; they have their test.
    let trip = try folder.roundTrip(
      base(dtype, sprinkled: false),
      [WeightedAdapter(dora(0.1)), WeightedAdapter(lora(0.1))],
      options
    )
    #expect(try trip.differences() == [])
    let merged = try Checkpoint(opening: trip.merged)
    #expect(merged.names.allSatisfy { merged[$0]?.info.dtype == output })
    #expect(merged.config?["torch_dtype"]?.string == output.torchName)
  }

  @Test(arguments: [1, 3000, 7000, 1 << 30])
  func `files of at most so many bytes come out as the base's`(limit: Int) throws {
    var options = MergeOptions()
    options.maxShardByteCount = limit
    let trip = try folder.roundTrip(base(.bf16), [WeightedAdapter(lora(0.1))], options)
    #expect(try trip.differences() == [])
    let merged = try Checkpoint(opening: trip.merged)
    #expect(merged.shards.count == (limit < 7000 ? 3 : limit == 7000 ? 2 : 1))
    #expect(Set(merged.names) == Set(try Checkpoint(opening: trip.base).names))
  }

  /// A base in two shards with an index.
  private func sharded() throws -> Checkpoint {
    let names = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"]
    try folder.write(
      [FilledTensor("model.embed_tokens.weight", [30, 40], .bf16, seed: 2)],
      to: "base/\(names[0])"
    )
    try folder.write(
      [FilledTensor("\(Self.query).weight", [40, 72], .bf16, seed: 1).sprinkled(seed: 9)],
      to: "base/\(names[1])"
    )
    try folder.write(
      """
      {"metadata": {"total_size": 8160},
       "weight_map": {"model.embed_tokens.weight": "\(names[0])",
         "\(Self.query).weight": "\(names[1])"}}
      """,
      to: "base/model.safetensors.index.json"
    )
    try folder.write(#"{"model_type": "llama"}"#, to: "base/config.json")
    return try Checkpoint(opening: folder.path.appending("base"))
  }

  @Test(arguments: [nil, 1, 1 << 30])
  func `a sharded base comes out with its index`(limit: Int?) throws {
    var options = MergeOptions()
    options.maxShardByteCount = limit
    try expectBack(sharded(), [WeightedAdapter(lora(0.1))], options)
  }

  @Test func `a sharded base in another type comes out with its index`() throws {
    var options = MergeOptions()
    options.dtype = .f32
    try expectBack(sharded(), [WeightedAdapter(lora(0.1))], options)
  }

  @Test(arguments: [nil, 1])
  func `a base that is a single file comes out as one`(limit: Int?) throws {
    let file = try folder.write(
      [
        FilledTensor("model.embed_tokens.weight", [30, 40], .bf16, seed: 2),
        FilledTensor("\(Self.query).weight", [40, 72], .bf16, seed: 1),
      ],
      to: "weights/llama.safetensors"
    )
    var options = MergeOptions()
    options.maxShardByteCount = limit
    let base = try Checkpoint(opening: file)
    let trip = try folder.roundTrip(base, [WeightedAdapter(try lora(0.1))], options)
    #expect(trip.undone.isExact)
    #expect(try trip.restored.entryNames() == ["llama.safetensors"])
    #expect(
      try DirectoryContents(trip.restored) == DirectoryContents(folder.path.appending("weights"))
    )
  }

  /// A base in PyTorch's files, and a LoRA for its one linear layer.
  private func pytorch(_ name: String) throws -> (Checkpoint, WeightedAdapter) {
    let adapter = try folder.adapter(
      FilledTensor.factors(Self.query, out: 16, in: 24, deviation: 0.002, seed: 7)
    )
    let base = Fixtures.package.appending("fixtures/merged-by-peft").appending(name)
    return (try Checkpoint(opening: base), WeightedAdapter(adapter))
  }

  @Test(arguments: [nil, 1, 1 << 30])
  func `a base of PyTorch files comes out as safetensors`(limit: Int?) throws {
    let (base, adapter) = try pytorch("base_bin_sharded")
    var options = MergeOptions()
    options.maxShardByteCount = limit
    let trip = try folder.roundTrip(base, [adapter], options)
    #expect(trip.undone.isExact)
    #expect(
      try trip.restored.entryNames() == [
        "config.json", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors",
        "model.safetensors.index.json",
      ]
    )
    let restored = try Checkpoint(opening: trip.restored)
    #expect(restored.names == base.names)
    for name in base.names { #expect(try restored.bits(name) == base.bits(name)) }
  }

  @Test func `a strided base is refused, though no adapter touches the view`() throws {
    let (base, adapter) = try pytorch("base_bin_strided")
    #expect(throws: AdapterError.self) {
      try MergePlan(base: base, adapters: [adapter], options: MergeOptions())
    }
  }

  @Test func `a tensor of many jobs comes out`() throws {
    // Rows of 1000 elements end inside of jobs, and rank 64 makes the product a deep one.
    for rank in [3, 64] {
      let trial = try MadeFolder()
      let base = try trial.base(
        [FilledTensor("\(Self.query).weight", [1100, 1000], .bf16, seed: 1).sprinkled(seed: 2)])
      let adapter = try trial.adapter(
        FilledTensor.factors(
          Self.query,
          rank: rank,
          out: 1100,
          in: 1000,
          deviation: 0.002,
          seed: 3
        )
          + [FilledTensor.magnitude(Self.query, 1100, norm: 0.6, seed: 4)],
        settings: [#""r": \#(rank)"#, #""lora_alpha": \#(2 * rank)"#, #""use_dora": true"#]
      )
      let trip = try trial.roundTrip(base, [WeightedAdapter(adapter)])
      #expect(try trip.differences() == [])
    }
  }

  @Test func `two merges come out in reverse order`() throws {
    let base = try base(.bf16)
    let (first, second) = (try lora(0.1, named: "one"), try lora(0.2, seed: 70, named: "two"))
    let inner = try folder.roundTrip(base, [WeightedAdapter(first)], named: "inner")
    let outer = try folder.roundTrip(
      Checkpoint(opening: inner.merged),
      [WeightedAdapter(second)],
      named: "outer"
    )
    #expect(outer.undone.isExact)
    #expect(outer.undone.restoredID == inner.report.receipt?.mergedID)
  }
}
