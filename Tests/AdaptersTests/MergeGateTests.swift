import Compute
import Files
import Parallel
import Synchronization
import Tensors
import TestSupport
import Testing

@testable import Adapters

/// What keeps a merge from being published, and that nothing is left then.
@Suite struct MergeGateTests {
  private let folder: MadeFolder

  init() throws { folder = try MadeFolder() }

  static let query = "model.layers.0.self_attn.q_proj"
  static let embedding = "model.embed_tokens"

  private func base(_ dtype: DType = .bf16) throws -> Checkpoint {
    try folder.base([
      FilledTensor("\(Self.query).weight", [40, 72], dtype, seed: 1),
      FilledTensor("\(Self.embedding).weight", [30, 40], dtype, seed: 2),
    ])
  }

  private func lora(
    _ deviation: Float = 0.002,
    named name: String = "lora",
    seed: UInt64 = 3
  ) throws -> Adapter {
    try folder.adapter(
      FilledTensor.factors(Self.query, out: 40, in: 72, deviation: deviation, seed: seed),
      named: name
    )
  }

  private var output: Path { folder.path.appending("out/merged") }

  /// Merges; whatever is thrown, no file is left in the output's directory.
  private func merge(
    _ base: Checkpoint,
    _ adapters: [WeightedAdapter],
    _ options: MergeOptions = MergeOptions(),
    _ execution: Execution = .small
  ) throws -> MergeReport {
    do {
      return try MergePlan(base: base, adapters: adapters, options: options)
        .write(to: output, tool: "test", execution: execution)
    } catch {
      let names = output.parent.isDirectory ? try output.parent.entryNames() : []
      #expect(names == [], "left behind")
      throw error
    }
  }

  /// The error of a merge, as the case's name.
  private func refusal(_ body: () throws -> Any) -> String {
    do {
      _ = try body()
      return "merged"
    } catch {
      return String("\(error)".prefix { $0 != "(" })
    }
  }

  @Test func `an untrained adapter changes nothing and is refused`() throws {
    var pair = FilledTensor.factors(Self.query, out: 40, in: 72, deviation: 0.1, seed: 1)
    pair[1] = FilledTensor(pair[1].name, pair[1].extents, values: [Float](repeating: 0, count: 160))
    let adapter = WeightedAdapter(try folder.adapter(pair))
    let base = try base()
    let error = #expect(throws: AdapterError.self) { try merge(base, [adapter]) }
    guard case .unchanged(let summary)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(summary.total.intendedSquares == 0)
    #expect(summary.unchanged == [TensorName("\(Self.query).weight")])
    var options = MergeOptions()
    options.allowsUnchanged = true
    #expect(try merge(base, [adapter], options).summary.changedCount == 0)
  }

  @Test func `a change below the type's resolution is refused, and kept in F32`() throws {
    let base = try folder.base([
      FilledTensor(
        "\(Self.query).weight",
        [40, 72],
        .bf16,
        values: (0..<2880).map { 1 + Float($0 % 97) / 100 }
      )
    ])
    let adapter = WeightedAdapter(try lora(1e-5))
    let error = #expect(throws: AdapterError.self) { try merge(base, [adapter]) }
    guard case .unchanged(let summary)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(summary.total.intendedSquares > 0)
    #expect(summary.survival < 0.1)
    var options = MergeOptions()
    options.dtype = .f32
    let report = try merge(base, [adapter], options)
    #expect(report.summary.survival > 0.9)
  }

  @Test func `too little survival is refused`() throws {
    let base = try base()
    let adapter = WeightedAdapter(try lora(2e-5))
    var options = MergeOptions()
    options.minSurvival = 0.999
    #expect(refusal { try merge(base, [adapter], options) } == "survivalTooLow")
    options.minSurvival = 0.01
    #expect(refusal { try merge(base, [adapter], options) } == "merged")
  }

  @Test func `survival is the projection on what was intended`() throws {
    let report = try merge(try base(), [WeightedAdapter(try lora(2e-5))])
    let total = report.summary.total
    let base = try report.plan.base.values(TensorName("\(Self.query).weight"))
    let merged = try Checkpoint(opening: output).values(TensorName("\(Self.query).weight"))
    var options = MergeOptions()
    options.dtype = .f32
    let wide = try MergePlan(
      base: report.plan.base,
      adapters: report.plan.adapters,
      options: options
    ).write(to: folder.path.appending("wide"), tool: "test", execution: .small)
    let intended = try Checkpoint(opening: wide.destination)
      .values(TensorName("\(Self.query).weight"))
    var (dot, squares, changed) = (0.0, 0.0, 0)
    for index in base.indices {
      let delta = Double(intended[index]) - Double(base[index])
      dot += delta * (Double(merged[index]) - Double(base[index]))
      squares += delta * delta
      changed += merged[index] == base[index] ? 0 : 1
    }
    #expect(abs(total.survival - dot / squares) < 1e-3)
    #expect(total.changedCount == changed)
    #expect(total.elementCount == base.count)
  }

  @Test func `an output that exists is refused, and replaced on request`() throws {
    let base = try base()
    let adapter = WeightedAdapter(try lora())
    _ = try merge(base, [adapter])
    let before = try DirectoryContents(output)
    let plan = try MergePlan(base: base, adapters: [adapter], options: MergeOptions())
    #expect(refusal { try plan.write(to: output, tool: "test") } == "file")
    #expect(try DirectoryContents(output) == before)
    let other = try MergePlan(
      base: base,
      adapters: [WeightedAdapter(adapter.adapter, weight: 2)],
      options: MergeOptions()
    )
    _ = try other.write(to: output, replacing: true, tool: "test", execution: .small)
    #expect(try DirectoryContents(output) != before)
    #expect(try output.parent.entryNames() == ["merged"])
  }

  @Test func `neither an input nor what is no model is replaced`() throws {
    let base = try base()
    let adapter = WeightedAdapter(try lora())
    let plan = try MergePlan(base: base, adapters: [adapter], options: MergeOptions())
    let before = try DirectoryContents(base.path)
    for path in [base.path, base.path.parent, adapter.adapter.path, base.path.appending(".")] {
      #expect(
        refusal { try plan.write(to: path, replacing: true, tool: "test") } == "outputIsInput"
      )
    }
    try folder.write("precious", to: "diary/today.txt")
    let diary = folder.path.appending("diary")
    #expect(
      refusal { try plan.write(to: diary, replacing: true, tool: "test") } == "notReplaceable"
    )
    let file = diary.appending("today.txt")
    #expect(refusal { try plan.write(to: file, replacing: true, tool: "test") } != "merged")
    #expect(file.isFile)
    #expect(try DirectoryContents(base.path) == before)
  }

  @Test func `a disk that is too small is told before anything is written`() throws {
    let error = #expect(throws: AdapterError.self) {
      _ = try StagedOutput(output, replacing: false, inputs: [], needed: .max)
    }
    guard case .diskBudget(output, .max, let free)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(free > 0)
    #expect(try output.parent.entryNames() == [])
  }

  @Test func `what the plan needs is what is written`() throws {
    // Replaced by another vocabulary, merged, and copied or made narrower.
    let base = try folder.base([
      FilledTensor("\(Self.query).weight", [40, 72], .f32, seed: 1),
      FilledTensor("\(Self.embedding).weight", [300, 40], .f32, seed: 2),
      FilledTensor("lm_head.weight", [300, 40], .f32, seed: 4),
    ])
    let replacing = try folder.adapter(
      FilledTensor.factors(Self.query, out: 40, in: 72, deviation: 0.02, seed: 3) + [
        FilledTensor("base_model.model.\(Self.embedding).weight", [300, 40], .f32, seed: 7)
      ],
      settings: [#""modules_to_save": ["embed_tokens"]"#],
      named: "replacing"
    )
    let plain = try lora(0.02, named: "plain")
    for (dtype, adapter) in [
      (DType?.none, plain), (.f32, plain), (.bf16, plain), (.f16, plain), (nil, replacing),
    ] {
      var options = MergeOptions()
      options.dtype = dtype
      let plan = try MergePlan(
        base: base,
        adapters: [WeightedAdapter(adapter)],
        options: options
      )
      try output.removeTree()
      _ = try plan.write(to: output, tool: "test", execution: .small)
      let written = try DirectoryContents(output).files.reduce(0) { $0 + $1.value.count }
      #expect(written <= plan.neededByteCount)
    }
  }

  @Test(arguments: 0..<12)
  func `an interrupted merge leaves nothing, and runs again`(moment: Int) throws {
    let base = try folder.base([
      FilledTensor("\(Self.query).weight", [530, 1000], .bf16, seed: 1),
      FilledTensor("\(Self.embedding).weight", [30, 40], .bf16, seed: 2),
    ])
    let adapter = WeightedAdapter(
      try folder.adapter(
        FilledTensor.factors(Self.query, out: 530, in: 1000, deviation: 0.002, seed: 3)
          + [FilledTensor.magnitude(Self.query, 530, norm: 0.6, seed: 4)],
        settings: [#""use_dora": true"#]
      )
    )
    let interruption = Interruption()
    let calls = Mutex(0)
    let execution = Execution(
      workers: Workers(count: 1 + moment % 3),
      interruption: interruption,
      progress: { _ in
        let call = calls.withLock { calls in
          calls += 1
          return calls
        }
        if call > moment % 4 { interruption.request() }
      }
    )
    if moment % 4 == 3 { interruption.request() }
    #expect(refusal { try merge(base, [adapter], MergeOptions(), execution) } == "interrupted")
    if moment < 2 { #expect(refusal { try merge(base, [adapter]) } == "merged") }
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity])
  func `a factor that is not finite is refused`(value: Float) throws {
    for spoiled in [0, 1, 2] {
      var tensors =
        FilledTensor.factors(Self.query, out: 40, in: 72, deviation: 0.002, seed: 3)
        + [FilledTensor.magnitude(Self.query, 40, norm: 0.2, seed: 5)]
      let dtype = tensors[spoiled].dtype
      tensors[spoiled].bytes.replaceSubrange(4..<8, with: PlainElements.bytes([value], as: dtype))
      let adapter = try folder.adapter(
        tensors,
        settings: [#""use_dora": true"#],
        named: "spoiled-\(spoiled)"
      )
      try folder.path.appending("base").removeTree()
      #expect(refusal { try merge(try base(), [WeightedAdapter(adapter)]) } == "notFinite")
    }
  }

  @Test func `stored values that are not finite are refused`() throws {
    let whole = try folder.adapter(
      FilledTensor.factors(Self.query, out: 40, in: 72, deviation: 0.002, seed: 3) + [
        FilledTensor(
          "base_model.model.\(Self.embedding).weight",
          [30, 40],
          .bf16,
          values: [Float](repeating: .nan, count: 1200)
        )
      ],
      settings: [#""modules_to_save": ["embed_tokens"]"#],
      named: "whole"
    )
    let rows = try folder.adapter(
      [
        FilledTensor(
          "base_model.model.\(Self.embedding).token_adapter.trainable_tokens_delta",
          [1, 40],
          values: [Float](repeating: .infinity, count: 40)
        )
      ] + FilledTensor.factors(Self.query, out: 40, in: 72, deviation: 0.002, seed: 3),
      settings: [#""trainable_token_indices": [3]"#],
      named: "rows"
    )
    let base = try base()
    for adapter in [whole, rows] {
      #expect(refusal { try merge(base, [WeightedAdapter(adapter)]) } == "notFinite")
    }
  }

  @Test func `adapters that exclude each other are refused`() throws {
    func whole(_ name: String) throws -> WeightedAdapter {
      WeightedAdapter(
        try folder.adapter(
          FilledTensor.factors(Self.query, out: 40, in: 72, deviation: 0.002, seed: 3) + [
            FilledTensor("base_model.model.\(Self.embedding).weight", [30, 40], .bf16, seed: 7)
          ],
          settings: [#""modules_to_save": ["embed_tokens"]"#],
          named: name
        )
      )
    }
    let base = try base()
    let (one, two) = (try whole("one"), try whole("two"))
    #expect(refusal { try merge(base, [one, two]) } == "contradiction")
    #expect(
      refusal { try merge(base, [WeightedAdapter(one.adapter, weight: 0.5)]) }
        == "weightedReplacement"
    )
    var options = MergeOptions()
    options.filter.excluded = ["*embed*"]
    #expect(
      refusal { try merge(base, [WeightedAdapter(one.adapter, weight: 0.5)], options) } == "merged"
    )
  }

  @Test func `filters leave tensors as they are, and all of them is nothing to merge`() throws {
    let base = try base()
    let pair = FilledTensor.factors(Self.embedding, out: 30, in: 40, deviation: 0.1, seed: 3)
    let adapter = WeightedAdapter(
      try folder.adapter(
        pair + FilledTensor.factors(Self.query, out: 40, in: 72, deviation: 0.1, seed: 5)
      )
    )
    var options = MergeOptions()
    options.filter.included = ["*.q_proj.*", "*.v_proj.*"]
    let report = try merge(base, [adapter], options)
    #expect(report.summary.outcomes.map(\.tensor.name) == [TensorName("\(Self.query).weight")])
    let name = TensorName("\(Self.embedding).weight")
    #expect(try Checkpoint(opening: output).bits(name) == base.bits(name))
    try folder.path.appending("out").removeTree()
    options.filter.excluded = ["*q_proj*"]
    #expect(refusal { try merge(base, [adapter], options) } == "nothingToMerge")
  }

  /// Values too large for F16, in a tensor that is changed, replaced, copied, and in rows.
  @Test func `values that the output's type cannot hold are refused`() throws {
    var large = FilledTensor("\(Self.query).weight", [40, 72], .f32, seed: 1)
    large.bytes.replaceSubrange(0..<4, with: PlainElements.bytes([1e6], as: .f32))
    let plain = FilledTensor("\(Self.embedding).weight", [30, 40], .f32, seed: 2)
    var options = MergeOptions()
    options.dtype = .f16
    let changed = try folder.base([large, plain], named: "changed")
    let copied = try folder.base(
      [
        FilledTensor("\(Self.query).weight", [40, 72], .f32, seed: 1),
        FilledTensor("model.norm.weight", [2], .f32, values: [1, -1e6]),
      ],
      named: "copied"
    )
    let lora = WeightedAdapter(try lora())
    for base in [changed, copied] {
      #expect(refusal { try merge(base, [lora], options) } == "overflow")
    }
    let half = try folder.base(
      [
        FilledTensor("\(Self.query).weight", [40, 72], .f16, seed: 1),
        FilledTensor("\(Self.embedding).weight", [30, 40], .f16, seed: 2),
      ],
      named: "half"
    )
    let whole = try folder.adapter(
      FilledTensor.factors(Self.query, out: 40, in: 72, deviation: 0.002, seed: 3) + [
        FilledTensor(
          "base_model.model.\(Self.embedding).weight",
          [30, 40],
          .f32,
          values: [Float](repeating: 1e5, count: 1200)
        )
      ],
      settings: [#""modules_to_save": ["embed_tokens"]"#],
      named: "whole"
    )
    let rows = try folder.adapter(
      [
        FilledTensor(
          "base_model.model.\(Self.embedding).token_adapter.trainable_tokens_delta",
          [1, 40],
          values: [Float](repeating: 1e5, count: 40)
        )
      ] + FilledTensor.factors(Self.query, out: 40, in: 72, deviation: 0.002, seed: 3),
      settings: [#""trainable_token_indices": [3]"#],
      named: "rows"
    )
    for adapter in [whole, rows] {
      #expect(refusal { try merge(half, [WeightedAdapter(adapter)]) } == "overflow")
    }
    // What is infinite in the base stays what it was.
    let infinite = try folder.base(
      [
        FilledTensor("\(Self.query).weight", [40, 72], .f32, seed: 1),
        FilledTensor("model.norm.weight", [2], .f32, values: [.infinity, .nan]),
      ],
      named: "infinite"
    )
    #expect(refusal { try merge(infinite, [lora], options) } == "merged")
  }

  @Test func `factors whose product overflows are refused, also where it is no number`() throws {
    func pair(_ b: [Float]) throws -> WeightedAdapter {
      WeightedAdapter(
        try folder.adapter(
          [
            FilledTensor(
              "base_model.model.\(Self.query).lora_A.weight",
              [4, 72],
              values: [Float](repeating: 1e30, count: 288)
            ),
            FilledTensor(
              "base_model.model.\(Self.query).lora_B.weight",
              [40, 4],
              values: (0..<160).map { b[$0 % 4] }
            ),
          ],
          named: "pair\(b[1])"
        )
      )
    }
    let base = try base(.f32)
    #expect(refusal { try merge(base, [try pair([1e30, 0, 0, 0])]) } == "overflow")
    // Scaled to ∞ and multiplied by 0, which is no number.
    let zeros = try folder.adapter(
      [
        FilledTensor(
          "base_model.model.\(Self.query).lora_A.weight",
          [4, 72],
          values: (0..<288).map { Float($0 % 2) }
        ),
        FilledTensor(
          "base_model.model.\(Self.query).lora_B.weight",
          [40, 4],
          values: (0..<160).map { $0 == 0 ? 1e38 : 0 }
        ),
      ],
      named: "zeros"
    )
    for index in 0..<2 {
      let even = WeightedAdapter(zeros, weight: index == 0 ? 10 : 1e30)
      #expect(refusal { try merge(base, [even]) } == "overflow")
    }
  }

  @Test func `sums leave out what is not finite in the base`() throws {
    for dtype in [DType.bf16, .f32, .f64] {
      let base = try folder.base(
        [FilledTensor("\(Self.query).weight", [40, 72], dtype, seed: 1).sprinkled(seed: 2)],
        named: "base-\(dtype)"
      )
      var options = MergeOptions()
      options.minSurvival = 0.5
      try folder.path.appending("out").removeTree()
      let report = try merge(
        base,
        [WeightedAdapter(try lora(0.01, named: "lora-\(dtype)"))],
        options
      )
      #expect(report.summary.survival > 0.9 && report.summary.survival < 1.1)
      #expect(report.summary.total.relativeChange.isFinite)
    }
  }
}
