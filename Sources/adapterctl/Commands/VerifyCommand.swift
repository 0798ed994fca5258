internal import Adapters
internal import ArgumentParser
internal import Files
internal import Tensors

struct Verify: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Prove that a merged model is its base plus its adapters",
    discussion: """
      Computes the merge again and compares every tensor, whatever tool merged the model; writes \
      nothing. A tensor is right when every element is exact, or is off by at most --ulp units in \
      the last place, or when the rounding of another tool explains it, which is then named.

      Exit codes: 0 every tensor is right, 1 some tensor is not, 12 a registered base that is not \
      what it was, 13 an adapter that does not fit the base, 15 a damaged file.
      """)

  @Argument(help: "The merged model: a directory, or a file of weights")
  var merged: CheckpointOperand

  @Option(help: "The base model: a directory, a file of weights, or a registered base's name")
  var base: BaseOperand

  @Option(help: "An adapter that was merged, or ADAPTER=WEIGHT; may be repeated")
  var adapter: [AdapterOperand]

  @Option(
    help: ArgumentHelp(
      "Accept elements that are this many units in the last place off", valueName: "count"))
  var ulp: UInt64 = 1

  @OptionGroup var merge: MergeArguments
  @OptionGroup var compute: ComputeOptions
  @OptionGroup var global: GlobalOptions

  func validate() throws {
    if adapter.isEmpty { throw ValidationError("Missing expected argument '--adapter <adapter>'") }
  }

  func run() throws {
    try global.enter()
    let model = try merged.open()
    let opened = try adapter.map { try $0.opened() }
    let base = try base.open(global, compute)
    try BaseGuard.check(opened, base: base, global, compute)
    let progress = global.progressLine("verifying", totalByteCount: model.payloadByteCount)
    let report: VerificationReport
    do {
      defer { progress.finish() }
      let verification = try Verification(
        of: model, base: base, adapters: merge.scaled(opened), options: merge.options,
        tolerance: ulp)
      verification.plan.notes.forEach(global.warn)
      report = try verification.report(execution: try compute.execution(progress))
    } catch let error as AdapterError { throw Failure(error) }
    VerifyOutput(report: report).show(global)
    if !report.isRight { throw ExitCode(ExitStatus.negative.rawValue) }
  }
}
