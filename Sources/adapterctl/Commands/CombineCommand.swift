internal import Adapters
internal import ArgumentParser
internal import Files
internal import Tensors

struct Combine: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "combine",
    abstract: "Combine adapters into one",
    discussion: """
      Works on updates, never on the factors by themselves, so that adapters of different ranks and \
      formats go together, and writes a LoRA adapter. linear, cat, svd, slerp, model-stock, knots, \
      tsv and iso-c keep to low rank and are exact until a rank is asked for; the others form one \
      weight's updates for each thread, change them entry by entry, and keep the sum of the ranks, \
      or what is asked for. What truncation leaves out is printed.

      An adapter of the weight 0 takes no part. A negative weight turns an adapter around. An update \
      that an adapter lacks counts as zero. The result depends neither on --threads nor, but for \
      the order of factors in linear and cat and for slerp, on the order of the adapters. DARE and \
      DELLA keep the expectation. Weights that adapters bring whole must be equal.

      Exit codes: 0 combined, 1 nothing is left of the combination, 12 adapters of different bases, \
      13 updates that do not fit one another, 14 too little disk or memory, 15 a damaged file.
      """)

  @Argument(
    help: ArgumentHelp("An adapter, or ADAPTER=WEIGHT (default weight: 1)", valueName: "adapter"))
  var adapters: [AdapterOperand]

  @Option(name: .shortAndLong, help: "The directory to write", completion: .directory)
  var output: String?

  @OptionGroup var combine: CombineArguments
  @OptionGroup var rank: RankRuleArguments

  @Option(help: ArgumentHelp("The type to store factors in", valueName: "type"))
  var dtype = FactorType.f32

  @Option(
    name: .customLong("memory-limit"),
    help: ArgumentHelp(
      "Refuse a combination that needs more memory, such as 400MB", valueName: "size"))
  var memoryLimit: ByteCount?

  @Flag(
    name: [.customShort("n"), .customLong("dry-run")], help: "Print the plan and write nothing")
  var dryRun = false

  @Flag(help: "Replace an existing output")
  var force = false

  @OptionGroup var compute: ComputeOptions
  @OptionGroup var global: GlobalOptions

  func validate() throws {
    guard dryRun || output != nil else {
      throw ValidationError("Missing expected argument '-o <output>'")
    }
    if output?.isEmpty == true { throw ValidationError("-o takes the name of a directory.") }
  }

  func run() throws {
    try global.enter()
    let opened = try adapters.map { try $0.opened() }
    let ancestor = try combine.ancestor?.opened()
    let all = opened + [ancestor].compactMap { $0 }
    try BaseGuard.checkAlike(all)
    // Every tensor is hashed, and those of factors are read once more.
    let byteCount = all.reduce(0) {
      $0 + TensorDigests.byteCount(of: [$1.weighted.adapter.file])
    }
    let progress = global.progressLine("combining", totalByteCount: 2 * byteCount)
    defer { progress.finish() }
    let execution = try compute.execution(progress)
    do {
      let plan = try CombinePlan(
        try opened.map { try CombineMember($0.weighted, execution: execution) },
        ancestor: try ancestor.map { try CombineMember($0.weighted, execution: execution) },
        options: combine.options, selection: try rank.optionalSelection())
      let memory = plan.memoryByteCount(workers: compute.workerCount)
      if let limit = memoryLimit?.byteCount, memory > limit {
        throw Failure(
          .budget, "memory",
          "The combination would need \(Numbers.bytes(memory)) of memory, more than the "
            + "\(Numbers.bytes(limit)) allowed; nothing was written.",
          hint: "fewer --threads need less")
      }
      guard !dryRun else {
        progress.finish()
        plan.notes.forEach(global.warn)
        CombinePlanOutput(plan: plan, memoryByteCount: memory).show(global)
        return
      }
      let report = try plan.write(
        to: Path(output ?? ""), dtype: dtype.dtype, replacing: force, execution: execution)
      progress.finish()
      plan.notes.forEach(global.warn)
      CombineOutput(report: report, output: output ?? "", dtype: dtype.dtype).show(global)
    } catch let error as AdapterError { throw Failure(error) }
  }
}
