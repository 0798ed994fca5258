import Files
import Foundation
import Tensors
import TestSupport
import Testing

@testable import Adapters

/// The size of the residual that a merge writes, against the measured table of its design: 1024²
/// normal weights and a product of rank 16, by the ratio of their deviations.
@Suite struct ResidualBudgetTests {
  static let ratios: [Float] = [1e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1, 1, 3]

  /// Bits per weight for each ratio: zstd's level 19 over gaps and values, measured once.
  static let targets: [DType: [Double]] = [
    .bf16: [0.005, 0.037, 0.072, 0.15, 0.32, 0.68, 1.24, 2.3, 3.7],
    .f16: [0.004, 0.024, 0.053, 0.13, 0.29, 0.65, 1.22, 2.3, 3.7],
    .f32: [0.010, 0.049, 0.10, 0.23, 0.46, 0.89, 1.45, 2.5, 3.9],
  ]

  static let isThorough = ProcessInfo.processInfo.environment["ADAPTERCTL_SLOW_TESTS"] != nil

  @Test(arguments: [DType.bf16, .f16, .f32])
  func `a merge's residual stays near the table`(dtype: DType) throws {
    let module = "model.layers.0.self_attn.q_proj"
    let side = 1024
    let folder = try MadeFolder()
    let base = try folder.base([FilledTensor("\(module).weight", [side, side], dtype, seed: 1)])
    for (ratio, target) in zip(Self.ratios, try #require(Self.targets[dtype])) {
      guard Self.isThorough || ratio == 1e-3 || ratio == 1e-1 else { continue }
      let adapter = try folder.adapter(
        FilledTensor.factors(
          module,
          rank: 16,
          out: side,
          in: side,
          deviation: 0.02 * ratio,
          seed: 2
        ),
        settings: [#""r": 16"#, #""lora_alpha": 32"#],
        named: "adapter-\(ratio)"
      )
      let report = try MergePlan(
        base: base,
        adapters: [WeightedAdapter(adapter)],
        options: MergeOptions()
      ).write(
        to: folder.path.appending("merged-\(ratio)"),
        tool: "test",
        execution: .small
      )
      let bits = 8 * Double(report.residualByteCount) / Double(side * side)
      #expect(bits <= 1.25 * target, "\(bits) bits at \(ratio), the table has \(target)")
      if Self.isThorough { print("\(dtype) \(ratio): \(bits) bits, table \(target)") }
    }
  }
}
