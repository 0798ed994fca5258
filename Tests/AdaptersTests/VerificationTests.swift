import Compute
import Files
import Tensors
import TestSupport
import Testing

@testable import Adapters

/// What verifying says of models that are right, off, or wrong in a known way.
@Suite struct VerificationTests {
  private let folder: MadeFolder
  private let base: Checkpoint
  private let adapter: Adapter

  static let query = "model.layers.0.self_attn.q_proj"
  static let value = "model.layers.0.self_attn.v_proj"
  static let queryWeight = TensorName("\(query).weight")

  /// A base of three tensors, and a LoRA that changes two of them.
  init() throws {
    folder = try MadeFolder()
    base = try folder.base([
      FilledTensor("\(Self.query).weight", [40, 72], .bf16, seed: 1),
      FilledTensor("\(Self.value).weight", [24, 72], .bf16, seed: 2),
      FilledTensor("lm_head.weight", [16, 40], .bf16, seed: 3).sprinkled(seed: 4),
    ])
    adapter = try folder.adapter(
      FilledTensor.factors(Self.query, out: 40, in: 72, deviation: 0.01, seed: 5)
        + FilledTensor.factors(Self.value, out: 24, in: 72, deviation: 0.01, seed: 7)
    )
  }

  private func merge(
    _ adapters: [WeightedAdapter],
    _ options: MergeOptions = MergeOptions(),
    base: Checkpoint? = nil
  ) throws -> Checkpoint {
    let path = folder.path.appending("merged")
    try path.removeTree()
    _ = try MergePlan(base: base ?? self.base, adapters: adapters, options: options)
      .write(to: path, tool: "test", execution: .small)
    return try Checkpoint(opening: path)
  }

  private func verify(
    _ model: Checkpoint,
    _ adapters: [WeightedAdapter]? = nil,
    tolerance: UInt64 = 1
  ) throws -> VerificationReport {
    try Verification(
      of: model,
      base: base,
      adapters: adapters ?? [WeightedAdapter(adapter)],
      options: MergeOptions(),
      tolerance: tolerance
    ).report(execution: .small)
  }

  /// The tensors of a model, to be changed and written again.
  private func tensors(_ model: Checkpoint) throws -> [FilledTensor] {
    try model.shards.flatMap { shard in
      try shard.tensors.map {
        FilledTensor($0.name.text, $0.shape.extents, $0.dtype, bytes: try shard.bytes(of: $0))
      }
    }
  }

  /// The verdict on the first tensor of a model with changes.
  private func verdicts(
    editing edit: (inout [FilledTensor]) -> Void,
    tolerance: UInt64 = 1
  ) throws -> [String: VerificationReport.Verdict] {
    var tensors = try tensors(merge([WeightedAdapter(adapter)]))
    edit(&tensors)
    try folder.path.appending("edited").removeTree()
    try folder.write(tensors, to: "edited/model.safetensors")
    let report = try verify(
      try Checkpoint(opening: folder.path.appending("edited")),
      tolerance: tolerance
    )
    return Dictionary(uniqueKeysWithValues: report.findings.map { ($0.name.text, $0.verdict) })
  }

  /// Moves element `index` of a BF16 tensor by a number of representable numbers.
  private static func nudge(_ tensor: inout FilledTensor, _ index: Int, by places: UInt8) {
    tensor.bytes[2 * index] &+= places
  }

  @Test func `a merge of ours is exact`() throws {
    let report = try verify(merge([WeightedAdapter(adapter)]))
    #expect(report.isRight)
    #expect(report.findings.allSatisfy { $0.verdict == .exact })
    #expect(report.findings.map(\.isTouched) == [true, true, false])
  }

  @Test func `nothing is written`() throws {
    let model = try merge([WeightedAdapter(adapter)])
    let before = try folder.path.entryNames()
    _ = try verify(model)
    #expect(try folder.path.entryNames() == before)
  }

  @Test func `an element one place off is within, two places are wrong`() throws {
    let one = try verdicts(editing: { Self.nudge(&$0[0], 100, by: 1) })
    #expect(one["\(Self.query).weight"] == .within(ulps: 1))
    let two = try verdicts(editing: { Self.nudge(&$0[0], 100, by: 2) })
    #expect(two["\(Self.query).weight"] == .wrong)
    let tolerated = try verdicts(editing: { Self.nudge(&$0[0], 100, by: 2) }, tolerance: 2)
    #expect(tolerated["\(Self.query).weight"] == .within(ulps: 2))
    let strict = try verdicts(editing: { Self.nudge(&$0[0], 100, by: 1) }, tolerance: 0)
    #expect(strict["\(Self.query).weight"] == .wrong)
  }

  @Test func `an untouched tensor must have the base's bytes`() throws {
    let verdicts = try verdicts(editing: { Self.nudge(&$0[2], 0, by: 1) })
    #expect(verdicts["lm_head.weight"] == .altered)
    #expect(verdicts["\(Self.query).weight"] == .exact)
  }

  @Test func `a tensor left as in the base is named`() throws {
    let original = try tensors(base)
    let verdicts = try verdicts(editing: { $0[1] = original[1] })
    #expect(verdicts["\(Self.value).weight"] == .unchanged)
    #expect(verdicts["\(Self.query).weight"] == .exact)
  }

  @Test func `missing, misshapen and unexpected tensors are named`() throws {
    let shape = try #require(Shape([72, 40]))
    let verdicts = try verdicts(editing: { tensors in
      let query = tensors[0]
      tensors[0] = FilledTensor(query.name, [72, 40], .bf16, bytes: query.bytes)
      tensors[2] = FilledTensor("another.weight", [1], .bf16, values: [1])
    })
    #expect(verdicts["\(Self.query).weight"] == .misshapen(shape))
    #expect(verdicts["lm_head.weight"] == .missing)
    #expect(verdicts["another.weight"] == .unexpected)
    #expect(verdicts["\(Self.value).weight"] == .exact)
  }

  @Test func `a NaN in place of a number is wrong`() throws {
    let verdicts = try verdicts(editing: { tensors in
      tensors[0].bytes.replaceSubrange(0..<2, with: [0xC0, 0x7F])
    })
    #expect(verdicts["\(Self.query).weight"] == .wrong)
  }

  /// Alpha over the rank, where it should have been over its root, and the other way round.
  @Test(arguments: [0.5, 2, -1, 0.25])
  func `a merge at another scale is told with the factor`(factor: Double) throws {
    let model = try merge([WeightedAdapter(adapter, weight: factor)])
    for finding in try verify(model).findings where finding.isTouched {
      guard case .scaled(let found) = finding.verdict else {
        Issue.record("\(finding.verdict)")
        continue
      }
      #expect(abs(found - factor) < 0.01 * abs(factor))
    }
  }

  /// Two checkpoints of one run change the weights alike, but neither is a multiple of the other.
  @Test func `an adapter that is much like the right one is wrong and not scaled`() throws {
    let other = try folder.adapter(
      FilledTensor.factors(Self.query, out: 40, in: 72, deviation: 0.01, seed: 11),
      named: "other"
    )
    let model = try merge([
      WeightedAdapter(adapter, weight: 1.02), WeightedAdapter(other, weight: 0.06),
    ])
    let verdicts = Dictionary(
      uniqueKeysWithValues: try verify(model).findings.map { ($0.name, $0.verdict) })
    #expect(verdicts[Self.queryWeight] == .wrong)
  }

  @Test func `rank stabilisation that was forgotten shows as the root of the rank`() throws {
    let stabilised = try folder.adapter(
      FilledTensor.factors(Self.query, out: 40, in: 72, deviation: 0.01, seed: 5),
      settings: [#""use_rslora": true"#],
      named: "stabilised"
    )
    let plain = try folder.adapter(
      FilledTensor.factors(Self.query, out: 40, in: 72, deviation: 0.01, seed: 5),
      named: "plain"
    )
    let report = try verify(
      merge([WeightedAdapter(plain)]),
      [WeightedAdapter(stabilised)]
    )
    guard case .scaled(let factor)? = report.findings.first?.verdict else {
      Issue.record("\(String(describing: report.findings.first))")
      return
    }
    #expect(abs(factor - 0.5) < 0.01)
  }

  @Test func `another adapter's merge is wrong`() throws {
    let other = try folder.adapter(
      FilledTensor.factors(Self.query, out: 40, in: 72, deviation: 0.01, seed: 50),
      named: "other"
    )
    let report = try verify(merge([WeightedAdapter(other)]))
    let verdicts = Dictionary(
      uniqueKeysWithValues: report.findings.map { ($0.name.text, $0.verdict) }
    )
    #expect(verdicts["\(Self.query).weight"] == .wrong)
    #expect(verdicts["\(Self.value).weight"] == .unchanged)
    #expect(!report.isRight)
  }

  @Test(arguments: [DType.f32, .f16])
  func `a model of another type is compared in that type`(dtype: DType) throws {
    let plain = try folder.base(
      [
        FilledTensor("\(Self.query).weight", [40, 72], .bf16, seed: 1),
        FilledTensor("lm_head.weight", [16, 40], .bf16, seed: 3),
      ],
      named: "plain-base"
    )
    let lora = WeightedAdapter(
      try folder.adapter(
        FilledTensor.factors(Self.query, out: 40, in: 72, deviation: 0.01, seed: 5),
        named: "one"
      )
    )
    var options = MergeOptions()
    options.dtype = dtype
    let model = try merge([lora], options, base: plain)
    let report = try Verification(
      of: model,
      base: plain,
      adapters: [lora],
      options: MergeOptions(),
      tolerance: 0
    ).report(execution: .small)
    #expect(report.findings.allSatisfy { $0.verdict == .exact })
  }

  @Test func `deltas rounded first are explained, also where they are within the tolerance`() throws
  {
    // A change far below the weights: two roundings differ from one by one place at most.
    let even = try folder.base(
      [
        FilledTensor(
          "\(Self.query).weight",
          [40, 72],
          .bf16,
          values: (0..<2880).map { 1 + Float($0 % 97) / 100 }
        )
      ],
      named: "even"
    )
    let narrow = try folder.adapter(
      FilledTensor.factors(Self.query, out: 40, in: 72, dtype: .bf16, deviation: 0.03, seed: 5),
      named: "narrow"
    )
    var options = MergeOptions()
    options.rounding = .peft
    let model = try merge([WeightedAdapter(narrow)], options, base: even)
    let report = try Verification(
      of: model,
      base: even,
      adapters: [WeightedAdapter(narrow)],
      options: MergeOptions(),
      tolerance: 1
    ).report(execution: .small)
    let finding = try #require(report.findings.first)
    #expect(finding.verdict == .explained(by: .deltaRoundedToOutput))
    #expect(finding.distance.beyondCount == 0 && finding.distance.withinCount > 0)
  }

  @Test func `resized, replaced and untied tensors are verified`() throws {
    let tied = try folder.base(
      [
        FilledTensor("model.embed_tokens.weight", [30, 40], .bf16, seed: 1),
        FilledTensor("\(Self.query).weight", [40, 40], .bf16, seed: 2),
      ],
      config: #"{"model_type": "llama", "tie_word_embeddings": true}"#,
      named: "tied"
    )
    for rows in [26, 34] {
      let prefix = "base_model.model.model.embed_tokens"
      let adapter = WeightedAdapter(
        try folder.adapter(
          [
            FilledTensor("\(prefix).base_layer.weight", [rows, 40], seed: 6),
            FilledTensor("\(prefix).lora_embedding_A", [4, rows], deviation: 0.05, seed: 6),
            FilledTensor("\(prefix).lora_embedding_B", [40, 4], deviation: 0.05, seed: 7),
          ],
          named: "rows-\(rows)"
        )
      )
      let model = try merge([adapter], base: tied)
      let report = try Verification(
        of: model,
        base: tied,
        adapters: [adapter],
        options: MergeOptions(),
        tolerance: 0
      ).report(execution: .small)
      #expect(report.isRight, "\(report.failures)")
    }
  }
}
