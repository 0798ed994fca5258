internal import Adapters
internal import ArgumentParser
internal import Files
internal import History
internal import Tensors

struct Unmerge: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "unmerge",
    abstract: "Take merged adapters out of a model, bit for bit",
    discussion: """
      Restores the base from a model that adapterctl merged, its adapters and its residual, and \
      proves every tensor by its digest. Without the residual the change is subtracted, which is \
      inexact: then the error is reported and nothing is written, unless --inexact is given.

      Exit codes: 0 restored bit for bit, 1 inexact (written only with --inexact), 12 not the \
      adapters that were merged, 15 an edited model, a damaged residual or no receipt.
      """)

  @Argument(help: "The merged model: a directory with its receipt")
  var merged: CheckpointOperand

  @Option(help: "An adapter that was merged; may be repeated (default: as the receipt names them)")
  var adapter: [AdapterOperand] = []

  @Option(name: .shortAndLong, help: "The directory to write", completion: .directory)
  var output: String

  @Flag(help: "Write the result even if it is not bit-identical to the base")
  var inexact = false

  @Flag(help: "Replace an existing output")
  var force = false

  @OptionGroup var compute: ComputeOptions
  @OptionGroup var global: GlobalOptions

  func validate() throws {
    if output.isEmpty { throw ValidationError("-o takes the name of a directory.") }
  }

  func run() throws {
    try global.enter()
    try OutputPlace.check(Path(output))
    let model = try merged.open()
    let progress = global.progressLine("unmerging", totalByteCount: model.payloadByteCount)
    let report: UnmergeReport
    do {
      defer { progress.finish() }
      let execution = try compute.execution(progress)
      let plan = try UnmergePlan(
        merged: model, adapters: try openAdapters(of: model.path), execution: execution)
      report = try plan.write(
        to: Path(output), replacing: force, allowsInexact: inexact, execution: execution)
    } catch let error as AdapterError { throw Failure(error) }
    UnmergeOutput(report: report).show(global)
    if !report.isExact, !inexact { throw ExitCode(ExitStatus.negative.rawValue) }
  }

  /// The adapters that were named, else those the receipt remembers: where they still are, or the
  /// repository's own by their content.
  private func openAdapters(of model: Path) throws -> [Adapter] {
    if !adapter.isEmpty { return try adapter.map { try $0.open().adapter } }
    let receipt = try MergeReceipt(of: model)
    return try receipt.adapters.compactMap { input in
      if let here = try? Adapter(opening: input.path) { return here }
      guard let stored = try StoredOperand(content: input.id, named: input.path.text) else {
        return nil
      }
      return try Adapter(opening: stored.files.path).named(input.path)
    }
  }
}
