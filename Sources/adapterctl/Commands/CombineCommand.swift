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
      formats go together, and writes a LoRA adapter. linear, cat, slerp, model-stock, knots, \
      tsv and iso-c keep to low rank and are exact until a rank is asked for; svd keeps the largest \
      rank of the adapters unless another is asked for; the others form one \
      weight's updates for each thread, change them entry by entry, and keep the sum of the ranks, \
      or what is asked for. What truncation leaves out is printed.

      An adapter of the weight 0 takes no part. A negative weight turns an adapter around. An update \
      that an adapter lacks counts as zero. The result depends neither on --threads nor, but for \
      the order of factors in linear and cat and for slerp, on the order of the adapters. DARE and \
      DELLA keep the expectation. Weights that adapters bring whole must be equal.

      DoRA, (IA)3, OFT and BOFT depend on the base: with --base, what they make of it is combined, which \
      has no low rank, and the result is right for that base alone.

      With --analyze nothing is combined. Of each pair the cosine is shown, the overlap of the \
      directions they write to and read from (1 for the same, beside what random ones have), and the \
      share of entries that they pull to different sides; and the norm that the sum will have, beside \
      that of adapters at right angles.

      Exit codes: 0 combined, 1 nothing is left of the combination, 12 adapters of different bases, \
      13 updates that do not fit one another, 14 too little disk or memory, 15 a damaged file.
      """)

  @Argument(
    help: ArgumentHelp("An adapter, or ADAPTER=WEIGHT (default weight: 1)", valueName: "adapter"))
  var adapters: [AdapterOperand]

  @OptionGroup var destination: DestinationArguments

  @Flag(help: "Compare the adapters with one another instead of combining them")
  var analyze = false

  @Flag(help: "Analyze: list all weights and pairs as comma-separated values")
  var csv = false

  @OptionGroup var combine: CombineArguments
  @OptionGroup var rank: RankRuleArguments

  @Option(
    help: ArgumentHelp(
      "Combine what adapters make of this base, where they depend on one: a path, or a registered "
        + "base's name"))
  var base: BaseOperand?

  @Option(help: ArgumentHelp("The type to store factors in", valueName: "type"))
  var dtype = FactorType.f32

  @OptionGroup var memory: MemoryArguments
  @OptionGroup var compute: ComputeOptions
  @OptionGroup var global: GlobalOptions

  func validate() throws {
    if csv {
      guard analyze else { throw ValidationError("--csv goes with --analyze.") }
      if global.json { throw ValidationError("--csv and --json exclude each other.") }
    }
    guard !analyze else {
      guard destination.output == nil, !destination.dryRun, rank.isEmpty else {
        throw ValidationError("--analyze writes nothing, and takes no output and no rank.")
      }
      return try combine.requireNoMethod()
    }
    try destination.requireOutput()
    guard combine.method != nil else {
      throw ValidationError("Missing expected argument '--method <method>'")
    }
  }

  func run() throws {
    try global.enter()
    let opened = try adapters.map { try $0.opened() }
    let ancestor = try combine.ancestor?.opened()
    let all = opened + [ancestor].compactMap { $0 }
    try BaseGuard.checkAlike(all)
    let model = try base?.open(global, compute)
    if let model { try BaseGuard.check(all, base: model, global, compute) }
    // Every tensor is hashed, and those of factors are read once more.
    let byteCount = all.reduce(0) {
      $0 + TensorDigests.byteCount(of: [$1.weighted.adapter.file])
    }
    let progress = global.progressLine(
      analyze ? "comparing" : "combining", totalByteCount: 2 * byteCount)
    defer { progress.finish() }
    let execution = try compute.execution(progress)
    do {
      let members = try opened.map {
        try CombineMember($0.weighted, base: model, execution: execution)
      }
      let old = try ancestor.map {
        try CombineMember($0.weighted, base: model, execution: execution)
      }
      guard let method = combine.method else {
        let overlap = try AdapterOverlap(
          members, ancestor: old, filter: combine.filter, execution: execution)
        progress.finish()
        overlap.notes.forEach(global.warn)
        OverlapOutput(overlap: overlap).show(global, asCSV: csv)
        return
      }
      let plan = try CombinePlan(
        members, ancestor: old, options: combine.options(method),
        selection: try rank.optionalSelection())
      let needed = plan.memoryByteCount(workers: compute.workerCount)
      try memory.check(needed)
      guard !destination.dryRun else {
        progress.finish()
        plan.notes.forEach(global.warn)
        CombinePlanOutput(plan: plan, memoryByteCount: needed).show(global)
        return
      }
      let output = try destination.path
      let report = try plan.write(
        to: output, dtype: dtype.dtype, replacing: destination.force,
        execution: execution)
      progress.finish()
      plan.notes.forEach(global.warn)
      CombineOutput(report: report, output: output.text, dtype: dtype.dtype).show(global)
    } catch let error as AdapterError { throw Failure(error) }
  }
}
