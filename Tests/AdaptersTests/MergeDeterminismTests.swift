import Compute
import Files
import Parallel
import Tensors
import TestSupport
import Testing

@testable import Adapters

/// The same input gives the same files, receipt and residual included, however it is computed.
@Suite struct MergeDeterminismTests {
  private let folder: MadeFolder

  init() throws { folder = try MadeFolder() }

  static let query = "model.layers.0.self_attn.q_proj"
  static let wide = "model.layers.0.mlp.down_proj"

  /// Tensors of several jobs, a product so deep that its columns are taken in blocks, odd values, and
  /// every kind of update.
  private func plan(_ base: DType, output: DType?) throws -> MergePlan {
    let checkpoint = try folder.base([
      FilledTensor("\(Self.query).weight", [530, 1000], base, seed: 1).sprinkled(seed: 2),
      FilledTensor("\(Self.wide).weight", [24, 4200], base, seed: 14).sprinkled(seed: 15),
      FilledTensor("model.embed_tokens.weight", [50, 32], base, seed: 3).sprinkled(seed: 4),
      FilledTensor("model.norm.weight", [32], .f32, seed: 5),
    ])
    let dora = try folder.adapter(
      FilledTensor.factors(Self.query, out: 530, in: 1000, deviation: 0.002, seed: 6)
        + [FilledTensor.magnitude(Self.query, 530, norm: 0.6, seed: 8)],
      settings: [#""use_dora": true"#],
      named: "dora"
    )
    let lora = try folder.adapter(
      FilledTensor.factors(
        Self.wide,
        rank: 65,
        out: 24,
        in: 4200,
        dtype: .bf16,
        deviation: 0.002,
        seed: 9
      )
        + FilledTensor.factors(Self.query, out: 530, in: 1000, deviation: 0.002, seed: 16) + [
          FilledTensor(
            "base_model.model.model.embed_tokens.lora_embedding_A",
            [4, 50],
            deviation: 0.01,
            seed: 11
          ),
          FilledTensor(
            "base_model.model.model.embed_tokens.lora_embedding_B",
            [32, 4],
            deviation: 0.01,
            seed: 12
          ), FilledTensor("base_model.model.model.norm.weight", [32], seed: 13),
        ],
      settings: [
        #""r": 4"#, #""lora_alpha": 8"#, #""rank_pattern": {"down_proj": 65}"#,
        #""modules_to_save": ["norm"]"#,
      ],
      named: "lora"
    )
    var options = MergeOptions()
    options.dtype = output
    return try MergePlan(
      base: checkpoint,
      adapters: [WeightedAdapter(dora, weight: 0.7), WeightedAdapter(lora)],
      options: options
    )
  }

  private func files(_ plan: MergePlan, _ execution: Execution) throws -> DirectoryContents {
    let path = folder.path.appending("out")
    try path.removeTree()
    _ = try plan.write(to: path, tool: "test", execution: execution)
    return try DirectoryContents(path)
  }

  @Test(arguments: [
    (DType.bf16, DType?.none), (.f32, nil), (.f16, nil), (.f64, nil), (.bf16, .f32),
  ])
  func `threads and kernels change no byte`(base: DType, output: DType?) throws {
    let plan = try plan(base, output: output)
    let reference = try files(plan, Execution(workers: Workers(count: 1), form: .scalar))
    #expect(reference.files.count == 5)
    for form in KernelForm.allCases where form.isSupported {
      for threads in form == .best ? [1, 2, 3] : [2] {
        let other = try files(plan, Execution(workers: Workers(count: threads), form: form))
        #expect(
          other.differences(from: reference) == [],
          "\(form.rawValue), \(threads) threads"
        )
      }
    }
  }

  @Test func `unmerging with other threads and kernels gives the base, too`() throws {
    let plan = try plan(.bf16, output: nil)
    let path = folder.path.appending("out")
    _ = try plan.write(to: path, tool: "test", execution: .small)
    let base = try DirectoryContents(plan.base.path)
    for form in KernelForm.allCases where form.isSupported {
      for threads in [1, 3] {
        let execution = Execution(workers: Workers(count: threads), form: form)
        let back = folder.path.appending("back")
        try back.removeTree()
        let undo = try UnmergePlan(
          merged: try Checkpoint(opening: path),
          adapters: plan.adapters.map(\.adapter),
          execution: execution
        )
        _ = try undo.write(to: back, execution: execution)
        #expect(try DirectoryContents(back).differences(from: base) == [])
      }
    }
  }
}
