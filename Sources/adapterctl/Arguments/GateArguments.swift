internal import ArgumentParser
internal import Evaluation

/// How sure a comparison with the base must be, on the command line.
enum GateMode: String, ExpressibleByArgument, CaseIterable, Sendable {
  case notDisproved = "not-disproved"
  case proved
  case point

  var mode: Gate.Mode {
    switch self {
    case .notDisproved: return .notDisproved
    case .proved: return .proved
    case .point: return .point
    }
  }
}

/// The conditions by which an evaluation passes or fails.
struct GateArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Exit with 1 unless this holds for every target but the base; metrics are nll, perplexity, "
        + "bits_per_byte and greedy", valueName: "task.metric<=value"))
  var require: [String] = []

  @Option(
    help: ArgumentHelp(
      "Exit with 1 if a target's loss is more than this many nats per token above the base's",
      valueName: "task=margin"))
  var noRegression: [String] = []

  @Option(
    help: ArgumentHelp(
      "How sure --no-regression must be, at 95 %: not-disproved fails on a shown loss, proved "
        + "passes on a shown absence of one, point looks at the number alone", valueName: "mode"))
  var gateMode = GateMode.notDisproved

  /// How sure a comparison must be.
  var mode: Gate.Mode { gateMode.mode }

  /// The gates; throws for one that cannot be read.
  func read() throws -> [Gate] {
    var gates: [Gate] = []
    for text in require {
      guard let gate = Gate(requiring: text) else {
        let metrics = Gate.Metric.allCases.map(\.rawValue).joined(separator: ", ")
        throw Failure(
          .usage, "gate", "\"\(text)\" is no condition of the form TASK.METRIC<=VALUE.",
          hint: "metrics are \(metrics)")
      }
      gates.append(gate)
    }
    for text in noRegression {
      guard let gate = Gate(noRegression: text) else {
        throw Failure(
          .usage, "gate", "\"\(text)\" is no gate of the form TASK=MARGIN.",
          hint: "a margin is in nats per token, from 0")
      }
      gates.append(gate)
    }
    return gates
  }

  /// Throws for a gate about a task that is not run, or a metric that the task lacks, before
  /// anything is computed.
  static func check(_ gates: [Gate], tasks: [SuiteTask], hasTargets: Bool) throws {
    for gate in gates {
      guard let task = tasks.first(where: { $0.name == gate.task }) else {
        throw Failure(
          .usage, "gate", "The gate \"\(gate.text)\" is about \(gate.task), which is not run.",
          hint: "the tasks are \(tasks.map(\.name).joined(separator: ", "))")
      }
      guard gate.suits(task) else {
        throw Failure(
          .usage, "gate", "The gate \"\(gate.text)\" asks for a metric that \(task.name) lacks.",
          hint: "bits_per_byte belongs to text tasks, greedy to nll tasks")
      }
    }
    if !gates.isEmpty, !hasTargets {
      throw Failure(
        .usage, "gate", "Gates are about adapters and models, and none is given.",
        hint: "name some with --adapter or --model")
    }
  }
}
