internal import Adapters
internal import ArgumentParser
internal import Files
internal import Tensors

struct Merge: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge",
    abstract: "Merge adapters into their base",
    discussion: """
      Computes W + scaling * B * A in single precision, in a fixed order, and rounds once to the \
      base's type: the same bytes on every machine and for any number of threads. The output \
      appears whole or not at all, with a receipt and the residual from which unmerge restores \
      the base bit for bit.

      Exit codes: 0 merged, 1 nothing would change or too little would survive, 12 not the \
      base that the adapter was trained on, 13 a weight that the base does not have, 14 too little disk or \
      memory, 15 a damaged file.
      """)

  @Argument(
    help: ArgumentHelp("An adapter, or ADAPTER=WEIGHT; several are added up", valueName: "adapter"))
  var adapters: [AdapterOperand]

  @Option(help: "The base model: a directory, a file of weights, or a registered base's name")
  var base: BaseOperand

  @OptionGroup var destination: DestinationArguments

  @Option(help: ArgumentHelp("The type to store the merged tensors in", valueName: "type"))
  var dtype = OutputType.keep

  @Option(
    help: ArgumentHelp(
      "The container of the output; a GGUF base is kept as one unless told otherwise",
      valueName: "container"))
  var container: OutputContainer?

  @OptionGroup var merge: MergeArguments

  @Flag(
    name: .customLong("no-residual"), help: "Write no residual, so that unmerge is not bit-exact")
  var noResidual = false

  @Flag(
    name: .customLong("no-receipt"),
    help: "Write no receipt and no residual, so that unmerge is impossible")
  var noReceipt = false

  @Option(
    name: .customLong("min-survival"),
    help: ArgumentHelp(
      "Fail unless this share of the intended change is stored, from 0 to 1", valueName: "share"))
  var minSurvival: Double?

  @Flag(name: .customLong("allow-unchanged"), help: "Write the model even if nothing changes")
  var allowsUnchanged = false

  @Option(
    name: .customLong("max-shard-size"),
    help: ArgumentHelp(
      "Split the weights into files of at most this size, such as 5GB", valueName: "size"))
  var maxShardSize: ByteCount?

  @OptionGroup var memory: MemoryArguments
  @OptionGroup var compute: ComputeOptions
  @OptionGroup var global: GlobalOptions

  func validate() throws {
    try destination.requireOutput()
    if let minSurvival, !(0...1).contains(minSurvival) {
      throw ValidationError("--min-survival takes a share from 0 to 1.")
    }
  }

  func run() throws {
    try global.enter()
    let opened = try adapters.map { try $0.opened() }
    let plan = try openPlan(opened)
    plan.notes.forEach(global.warn)
    if !plan.unmatched.isEmpty {
      global.warn("\(plan.unmatched.count) weights that the base does not have are left out.")
    }
    let needed = plan.memoryByteCount(workers: compute.workerCount)
    try memory.check(needed)
    guard !destination.dryRun else {
      PlanOutput(plan: plan, base: base.text, memoryByteCount: needed).show(global)
      return
    }
    let progress = global.progressLine("merging", totalByteCount: plan.layout.byteCount)
    let report: MergeReport
    do {
      defer { progress.finish() }
      report = try plan.write(
        to: destination.path, replacing: destination.force, tool: Adapterctl.tool,
        execution: try compute.execution(progress))
    } catch let error as AdapterError { throw Failure(error) }
    MergeRecording.record(report, opened, global)
    MergeOutput(report: report, base: base.text).show(global)
  }

  private func openPlan(_ opened: [AdapterOperand.Opened]) throws -> MergePlan {
    var options = merge.options
    options.dtype = dtype.dtype
    options.container = container.flatMap { MergeOptions.Container(rawValue: $0.rawValue) }
    options.maxShardByteCount = maxShardSize?.byteCount
    options.writesResidual = !noResidual && !noReceipt
    options.writesReceipt = !noReceipt
    options.minSurvival = minSurvival
    options.allowsUnchanged = allowsUnchanged
    let model = try base.open(global, compute)
    try BaseGuard.check(opened, base: model, global, compute)
    do {
      return try MergePlan(base: model, adapters: merge.scaled(opened), options: options)
    } catch { throw Failure(error) }
  }
}
