internal import Adapters
internal import ArgumentParser
internal import Tensors

struct Extract: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "extract",
    abstract: "Make an adapter of what a full fine-tune changed",
    discussion: """
      Each matrix that changed becomes two factors of the rank that the rule asks for, by a full \
      singular value decomposition up to 512, by a block Krylov space above. The report says what \
      the factors, rounded as they are stored, miss: the Frobenius norm of it for certain, the \
      spectral norm but for a chance of 1 in 10^10. --size shares its bytes out over all matrices, for \
      which each is read twice. Embeddings, norms, biases and tensors of \
      another size are brought whole where they changed. The adapter has PEFT's layout.

      Exit codes: 0 extracted, 1 nothing changed or nothing is kept, 12 not the base, 13 a change \
      that no adapter can hold, 14 too little disk, 15 a damaged file.
      """)

  @Argument(help: "The fine-tuned model: a directory, a file of weights, or REV:PATH")
  var tuned: CheckpointOperand

  @Option(help: "The base model: a directory, a file of weights, or a registered base's name")
  var base: BaseOperand

  @OptionGroup var destination: DestinationArguments

  @OptionGroup var rules: RankRuleArguments

  @Option(
    name: .customLong("full-rank"),
    help: ArgumentHelp(
      "Bring matrices whose names match this glob whole; may be repeated", valueName: "glob"))
  var fullRank: [String] = []

  @Option(help: ArgumentHelp("The type to store the factors in", valueName: "type"))
  var dtype = OutputType.keep

  @Option(
    help: ArgumentHelp(
      "Take in only tensors whose names match this glob; may be repeated", valueName: "glob"))
  var include: [String] = []

  @Option(
    help: ArgumentHelp(
      "Leave out tensors whose names match this glob; may be repeated", valueName: "glob"))
  var exclude: [String] = []

  @Option(
    help: ArgumentHelp("Start the random vectors of large matrices here", valueName: "number"))
  var seed: UInt64 = 0

  @OptionGroup var memory: MemoryArguments
  @OptionGroup var compute: ComputeOptions
  @OptionGroup var global: GlobalOptions

  func validate() throws { try destination.requireOutput() }

  func run() throws {
    try global.enter()
    let selection = try rules.selection()
    var options = ExtractionOptions(selection)
    options.wholeTensors = fullRank
    options.dtype = dtype.dtype
    options.filter.included = include
    options.filter.excluded = exclude
    options.seed = seed
    options.baseName = base.text
    do {
      let (opened, model) = (try tuned.opened(), try base.open(global, compute))
      let fineTune = try FineTune(tuned: opened.model, base: model, named: tuned.path)
      try BaseGuard.check([opened.known].compactMap { $0 }, base: model, global, compute)
      let plan = try ExtractionPlan(fineTune, options: options)
      try memory.check(plan.memoryByteCount(workers: compute.workerCount))
      // With a budget over all matrices each is read twice.
      let progress = global.progressLine(
        "extracting", totalByteCount: fineTune.byteCount * (selection.rule.isGlobal ? 2 : 1))
      defer { progress.finish() }
      let execution = try compute.execution(progress)
      let report =
        try destination.dryRun
        ? plan.rehearse(execution: execution)
        : plan.write(
          to: destination.path, replacing: destination.force, execution: execution)
      progress.finish()
      report.notes.forEach(global.warn)
      ExtractOutput(report: report).show(global)
    } catch let error as AdapterError { throw Failure(error) }
  }
}
