internal import Adapters
internal import ArgumentParser
internal import Evaluation
internal import Files
internal import Tensors

struct Evaluate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Judge adapters and models by their losses on your texts",
    discussion: """
      Runs the tasks of a suite, a JSON file, on the base and on each --adapter and --model, and \
      compares them with the base document by document. Adapters are applied beside the base's \
      weights, neither merged nor rounded; all arithmetic is in 32 bits, and the same for any \
      number of threads. Llama, Mistral, Qwen2 and GPT-2 models are computed, with the base's \
      tokenizer.json.

      A suite is {"adapterctl": "suite/1", "tasks": {NAME: {"kind": "text" or "nll", "data": \
      {"path": FILE}}}}. A text task scores every token of the member "text" of each JSON line. An \
      nll task scores a response: "format", by default {{prompt}}{{response}}, says how a record \
      is written; what is not in braces is the template; "mask" is response, all or no-template. \
      "end" says whether the end of text is scored, "role" is target or source.

      Exit codes: 0 judged, and every gate passed; 1 a gate failed; 4 a model gave no finite \
      number; 13 an adapter that does not fit or changes nothing, or a model that is not computed; \
      15 a damaged file; 64 an error in the suite or its data; 125 a gate could not be decided.
      """)

  @Argument(help: "The suite: a JSON file", completion: .file(extensions: ["json"]))
  var suite: String

  @Option(help: "The base model: a directory, a file of weights, or a registered base's name")
  var base: BaseOperand

  @Option(
    help: ArgumentHelp(
      "Judge the base with this adapter, or ADAPTER=WEIGHT; may be repeated"))
  var adapter: [AdapterOperand] = []

  @Option(
    help: ArgumentHelp(
      "Judge a merged or fine-tuned model: a path or REV:PATH; may be repeated", valueName: "model"),
    completion: .directory)
  var model: [String] = []

  @Option(help: ArgumentHelp("Run this task only; may be repeated", valueName: "name"))
  var task: [String] = []

  @OptionGroup var gates: GateArguments
  @OptionGroup var compute: ComputeOptions
  @OptionGroup var global: GlobalOptions

  func run() throws {
    try global.enter()
    let (gates, mode) = (try self.gates.read(), self.gates.mode)
    let output: EvaluateOutput
    do {
      let suite = try Suite(reading: Path(suite))
      try check(suite)
      try GateArguments.check(
        gates, tasks: suite.tasks.filter { task.isEmpty || task.contains($0.name) },
        hasTargets: !adapter.isEmpty || !model.isEmpty)
      let checkpoint = try base.open(global, compute)
      let prepared = try PreparedSuite(
        suite, tasks: task.isEmpty ? nil : Set(task), base: checkpoint, name: base.text,
        targets: try targets(on: checkpoint))
      let progress = Progress(
        "evaluating", totalByteCount: prepared.tokenCount, isEnabled: global.showsProgress,
        amount: { Numbers.count($0, "token") })
      defer { progress.finish() }
      let run = try SuiteRun(prepared, execution: try compute.execution(progress))
      output = EvaluateOutput(run: run, gates: gates, mode: mode)
    } catch let error as EvaluationError { throw Failure(error) }
    output.show(global)
    switch output.verdict {
    case .failed: throw ExitCode(ExitStatus.negative.rawValue)
    case .inconclusive: throw ExitCode(ExitStatus.undecided.rawValue)
    case .passed: break
    }
  }

  /// Throws for tasks that the suite does not have, before anything is computed.
  private func check(_ suite: Suite) throws {
    let names = suite.tasks.map(\.name)
    for name in task where !names.contains(name) {
      throw Failure(
        .usage, "task", "The suite \(suite.path) has no task \(name).",
        hint: "its tasks are \(names.joined(separator: ", "))")
    }
  }

  private func targets(on base: Checkpoint) throws -> [EvaluationTarget] {
    var targets: [EvaluationTarget] = []
    let opened = try adapter.map { try $0.opened() }
    try BaseGuard.check(opened, base: base, global, compute)
    for (operand, own) in zip(adapter, opened) {
      targets.append(
        try EvaluationTarget(base: base, adapters: [own.weighted], name: operand.plainText))
    }
    for text in model {
      guard let operand = CheckpointOperand(argument: text) else {
        throw Failure(.usage, "model", "--model takes a path.")
      }
      targets.append(EvaluationTarget(model: try operand.open(), name: text))
    }
    return targets
  }
}
