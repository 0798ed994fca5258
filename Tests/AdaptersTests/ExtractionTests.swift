import Compute
import Files
import JSON
import Parallel
import Tensors
import TestSupport
import Testing

@testable import Adapters

@Suite struct ExtractionTests {
  private static let model =
    MadeFineTune.matrix("model.layers.0.self_attn.q_proj.weight", 64, 48, rank: 5, size: 1, seed: 1)
    + .matrix("model.layers.0.mlp.up_proj.weight", 540, 530, rank: 6, size: 2, seed: 11)
    + .redrawn("model.layers.0.self_attn.q_proj.bias", [64], seed: 21)
    + .redrawn("model.layers.0.input_layernorm.weight", [48], seed: 31)
    + .redrawn("model.embed_tokens.weight", [20, 48], seed: 41)
    + .kept("model.layers.0.mlp.down_proj.weight", [40, 30], seed: 51)
    + .kept("model.norm.weight", [48], seed: 61)

  private static func extracted(
    _ fineTune: FineTune, _ rule: RankRule, in folder: MadeFolder, named name: String = "adapter",
    _ change: (inout ExtractionOptions) -> Void = { _ in }, execution: Execution = .small
  ) throws -> ExtractionReport {
    var options = ExtractionOptions(RankSelection(rule))
    change(&options)
    return try ExtractionPlan(fineTune, options: options).write(
      to: folder.path.appending(name), execution: execution)
  }

  /// The model that the adapter makes of the base, in F32, so that nothing is rounded away.
  private static func merged(
    _ report: ExtractionReport, in folder: MadeFolder, dtype: DType? = .f32
  ) throws -> Checkpoint {
    var options = MergeOptions()
    options.dtype = dtype
    let plan = try MergePlan(
      base: report.plan.fineTune.base,
      adapters: [WeightedAdapter(try Adapter(opening: try #require(report.destination)))],
      options: options)
    let merged = folder.path.appending("\(try #require(report.destination).name)-merged")
    _ = try plan.write(to: merged, tool: "test", execution: .small)
    return try Checkpoint(opening: merged)
  }

  /// What a merged weight misses of the tuned one, against what is certified; the merge itself rounds
  /// each entry to F32, three times 2⁻²⁴ of it in all.
  private static func check(
    _ report: ExtractionReport, _ merged: Checkpoint
  ) throws {
    let tuned = report.plan.fineTune.tuned
    for module in report.modules {
      guard case .factors(let factors) = module.kind else { continue }
      let (made, wanted) = (
        try merged.matrix(module.tensors[0]), try tuned.matrix(module.tensors[0])
      )
      let difference = RealMatrix(
        rows: made.rows, columns: made.columns,
        elements: zip(made.elements, wanted.elements).map { $0 - $1 })
      let rounding = 3 * 0x1p-24 * wanted.frobeniusNorm
      #expect(difference.frobeniusNorm <= factors.error.frobeniusBound + rounding)
      #expect(
        difference.frobeniusNorm >= factors.error.frobenius - factors.error.rounding - rounding)
      let sigma = try SingularValueDecomposition.values(of: difference)
      #expect(sigma[0] <= factors.error.spectralBound + rounding)
    }
  }

  @Test func `what is merged back lies within the certified error, and whole tensors are equal`()
    throws
  {
    let folder = try MadeFolder()
    let fineTune = try Self.model.opened(in: folder)
    let report = try Self.extracted(fineTune, .exactly(6), in: folder)
    #expect(report.factored.map(\.factors.rank) == [6, 6])
    // The planted ranks are 5 and 6: what is left is the rounding of bf16, and of the factors.
    #expect(report.factored.allSatisfy { $0.factors.energy > 0.99 })
    let merged = try Self.merged(report, in: folder)
    try Self.check(report, merged)
    for name: TensorName in [
      "model.layers.0.self_attn.q_proj.bias", "model.layers.0.input_layernorm.weight",
      "model.embed_tokens.weight", "model.norm.weight", "model.layers.0.mlp.down_proj.weight",
    ] {
      #expect(try merged.matrix(name) == fineTune.tuned.matrix(name))
    }
  }

  @Test(arguments: [RankRule.energy(0.9), .nuclear(0.9), .ratio(3), .above(0.5), .maxError(0.2)])
  func `rules choose the rank of the formed change`(rule: RankRule) throws {
    let folder = try MadeFolder()
    let fineTune = try Self.model.opened(in: folder)
    let report = try Self.extracted(fineTune, rule, in: folder)
    try Self.check(report, try Self.merged(report, in: folder))
    for (module, factors) in report.factored {
      let name = TensorName(module.path + ".weight")
      let (before, after) = (try fineTune.base.matrix(name), try fineTune.tuned.matrix(name))
      let change = RealMatrix(
        rows: before.rows, columns: before.columns,
        elements: zip(after.elements, before.elements).map { $0 - $1 })
      let values = try SingularValueDecomposition.values(of: change)
      #expect(factors.rank == rule.rank(of: Spectrum(values)))
    }
  }

  @Test func `any number of threads gives the same bytes`() throws {
    let folder = try MadeFolder()
    let fineTune = try Self.model.opened(in: folder)
    let one = try Self.extracted(
      fineTune, .exactly(4), in: folder, named: "one",
      execution: Execution(workers: Workers(count: 1)))
    let two = try Self.extracted(fineTune, .exactly(4), in: folder, named: "two")
    #expect(
      try DirectoryContents(#require(one.destination)).differences(
        from: DirectoryContents(#require(two.destination)))
        == [])
  }

  @Test func `GPT-2's turned weights, convolutions and matrices asked for whole`() throws {
    let folder = try MadeFolder()
    let turned = try MadeFineTune.matrix(
      "h.0.attn.c_attn.weight", 48, 70, rank: 3, size: 1, seed: 71
    ).opened(
      in: folder, config: #"{"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"]}"#)
    let report = try Self.extracted(turned, .exactly(3), in: folder)
    let adapter = try Adapter(opening: try #require(report.destination))
    #expect(adapter.updates.map(\.target.description) == ["transformer.h.0.attn.c_attn.weight"])
    #expect(
      String(decoding: adapter.configBytes, as: UTF8.self).contains("\"fan_in_fan_out\": true"))
    try Self.check(report, try Self.merged(report, in: folder))

    let other = try MadeFolder()
    let flat = MadeFineTune.matrix("conv.weight", 24, 18, rank: 2, size: 1, seed: 81)
    func shaped(_ tensors: [FilledTensor]) -> [FilledTensor] {
      tensors.map { FilledTensor($0.name, [24, 2, 3, 3], .bf16, values: $0.values) }
    }
    let convolution = try
      (MadeFineTune(base: shaped(flat.base), tuned: shaped(flat.tuned))
      + .matrix("head.weight", 30, 20, rank: 2, size: 1, seed: 91)).opened(in: other)
    let second = try Self.extracted(convolution, .exactly(2), in: other) {
      $0.wholeTensors = ["head.*"]
    }
    #expect(second.factored.map(\.module.path) == ["conv"])
    let merged = try Self.merged(second, in: other)
    try Self.check(second, merged)
    #expect(try merged.matrix("head.weight") == convolution.tuned.matrix("head.weight"))
  }

  @Test func `a larger vocabulary comes whole`() throws {
    let folder = try MadeFolder()
    var model = Self.model
    model.tuned[4] = FilledTensor("model.embed_tokens.weight", [23, 48], .bf16, seed: 99)
    let fineTune = try model.opened(in: folder)
    #expect(fineTune.pairs.filter(\.isResized).map(\.name) == ["model.embed_tokens.weight"])
    let report = try Self.extracted(fineTune, .exactly(4), in: folder)
    let adapter = try Adapter(opening: try #require(report.destination))
    #expect(adapter.wholeModules.contains("model.embed_tokens"))
    #expect(
      adapter.updates.contains {
        $0.isWhole && $0.tensors[0].shape.extents == [23, 48]
      })
  }

  @Test func `what cannot be extracted is refused and leaves nothing behind`() throws {
    func refusal(
      _ model: MadeFineTune, _ rule: RankRule = .exactly(2),
      _ change: (inout ExtractionOptions) -> Void = { _ in }
    ) throws -> String {
      let folder = try MadeFolder()
      do {
        _ = try Self.extracted(try model.opened(in: folder), rule, in: folder, change)
        return "extracted"
      } catch let error as AdapterError {
        #expect(folder.path.appending("adapter").kind == nil)
        #expect(try folder.path.entryNames().allSatisfy { !$0.contains("partial") })
        switch error {
        case .unchangedFineTune: return "unchanged"
        case .nothingExtracted(_, let whole): return "nothing but \(whole.count)"
        case .notAdaptable(_, let names): return "not adaptable: \(names)"
        case .notTheBase(_, _, let missing, let misshapen): return "\(missing) \(misshapen)"
        case .notFinite(let path, let name, let count):
          return "\(count) in \(name) of \(path.parent.name)"
        default: return "\(error)"
        }
      }
    }
    let matrix = MadeFineTune.matrix("a.q_proj.weight", 20, 16, rank: 2, size: 1, seed: 3)
    #expect(try refusal(.kept("a.q_proj.weight", [20, 16], seed: 1)) == "unchanged")
    #expect(try refusal(matrix, .above(1e6)) == "nothing but 0")
    #expect(try refusal(.redrawn("embed_tokens.weight", [9, 4], seed: 1)) == "nothing but 1")
    let experts = matrix + .redrawn("a.experts.gate_up_proj", [2, 6, 4], seed: 5)
    #expect(try refusal(experts) == "not adaptable: [a.experts.gate_up_proj]")
    #expect(try refusal(experts) { $0.filter.excluded = ["*experts*"] } == "extracted")
    var broken = matrix
    var values = broken.tuned[0].values
    values[5] = .nan
    broken.tuned[0] = FilledTensor("a.q_proj.weight", [20, 16], .bf16, values: values)
    #expect(try refusal(broken) == "1 in a.q_proj.weight of tuned")
    var reshaped = matrix
    reshaped.tuned[0] = FilledTensor("a.q_proj.weight", [20, 17], .bf16, seed: 1)
    #expect(try refusal(reshaped) == "[] [a.q_proj.weight]")
    var renamed = matrix
    renamed.tuned[0] = FilledTensor("b.q_proj.weight", [20, 16], .bf16, seed: 1)
    #expect(try refusal(renamed) == "[a.q_proj.weight] []")
  }
}
