import Adapters
import Evaluation
import Files
import Foundation
import JSON
import Parallel
import Tensors
import TestSupport
import Testing

/// The losses that PyTorch measured on the lab's models (`fixtures/lab/losses.json`), six decimals.
struct LabTests {
  /// Whether every kind of target is run; one is a matter of minutes in a debug build.
  static let isThorough = ProcessInfo.processInfo.environment["ADAPTERCTL_SLOW_TESTS"] != nil
  static let lab = Fixtures.folder.appending("lab")
  /// Half a unit of the last decimal, and what two orders of summation in float32 differ by over
  /// some thousand tokens: EVALUATE §9 measured at most 1e-4 for a logit of trained weights, and
  /// a mean averages that out.
  static let tolerance = 5e-6

  static func run(
    task: String, adapters: [String] = [], models: [String] = [], threads: Int = 2
  ) throws -> SuiteRun {
    let base = try Checkpoint(opening: lab.appending("base"))
    var targets: [EvaluationTarget] = []
    for name in adapters {
      let adapter = try Adapter(opening: lab.appending("runs").appending(name))
      targets.append(
        try EvaluationTarget(base: base, adapters: [WeightedAdapter(adapter)], name: name))
    }
    for name in models {
      targets.append(
        EvaluationTarget(
          model: try Checkpoint(opening: lab.appending("runs").appending(name)), name: name))
    }
    let suite = try Suite(reading: lab.appending("suite.json"))
    return try SuiteRun(
      try PreparedSuite(suite, tasks: [task], base: base, name: "base", targets: targets),
      execution: Execution(workers: Workers(count: threads)))
  }

  static func recorded() throws -> JSONValue {
    try JSONValue(parsing: FileReader.contents(of: lab.appending("losses.json"), limit: 1 << 20))
  }

  @Test func `losses on the target domain are those that PyTorch measured`() throws {
    let names = ["lora-r8/checkpoint-600", "dora-r8/checkpoint-300", "lora-xs-r16/checkpoint-450"]
    let run = try Self.run(
      task: "problems", adapters: Self.isThorough ? names : [names[1]],
      models: Self.isThorough ? ["full/checkpoint-600"] : [])
    let recorded = try Self.recorded()
    for entry in run.entries {
      let parts = entry.target.name.split(separator: "/checkpoint-").map(String.init)
      let expected =
        parts.count == 2
        ? recorded["runs"]?[parts[0]]?["checkpoints"]?[parts[1]] : recorded["base"]
      let loss = try #require(expected?["target_loss"]?.number)
      #expect(abs(entry.losses[0].loss(.response) - loss) < Self.tolerance)
      #expect(entry.losses[0].greedyShare == expected?["target_exact"]?.number)
    }
  }

  @Test(.enabled(if: isThorough))
  func `the loss on the source domain is the one that PyTorch measured`() throws {
    let run = try Self.run(task: "stories")
    let expected = try #require(try Self.recorded()["base"]?["source_loss"]?.number)
    #expect(abs(run.entries[0].losses[0].loss(.all) - expected) < Self.tolerance)
  }
}
