internal import Adapters
internal import ArgumentParser
internal import Files
internal import History
internal import Storage

struct Diff: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show what two adapters, models or revisions differ by",
    discussion: """
      Compares settings, updates and tensors; other files beside them take no part. Norms are \
      Frobenius norms: of the change of each weight that the old and the new adapter make, and of \
      the difference of the two, computed from the factors. Adapters of other layouts, and full \
      models, are compared tensor by tensor.

      Two paths, or REV:PATH, are compared with each other. In a repository, diff alone compares \
      the working tree with what is staged, diff --staged what is staged with the last commit, \
      diff REV the working tree with a revision, and diff REV REV or REV..REV two revisions, each \
      at all paths or at those that follow.

      Exit codes: 0 compared, 1 with --exit-code where they differ, 10 no repository, 13 no adapter \
      or model, 15 a damaged file.
      """)

  @Argument(
    help: ArgumentHelp(
      "Two adapters or models, each a path or REV:PATH; or revisions and paths",
      valueName: "operand"),
    completion: .file())
  var operands: [String] = []

  @Flag(
    name: [.long, .customLong("cached")], help: "Compare what is staged, not the working tree")
  var staged = false

  @Flag(name: .customLong("exit-code"), help: "Exit with 1 where the two differ, as git diff does")
  var tellsByExitCode = false

  @Option(help: ArgumentHelp("List every weight, in this order (default: name)", valueName: "key"))
  var sort: DifferenceOrder?

  @Option(
    help: ArgumentHelp(
      "List only the first so many of the order (default of --sort: relative)", valueName: "count"))
  var top: Int?

  @OptionGroup var compute: ComputeOptions
  @OptionGroup var global: GlobalOptions

  func validate() throws {
    if let top, top < 1 { throw ValidationError("--top takes a number from 1.") }
  }

  func run() throws {
    try global.enter()
    let differs: Bool
    do {
      switch try DiffOperands(operands, staged: staged, global) {
      case .pair(let old, let new):
        let output = try output(try side(old), try side(new))
        output.show(global)
        differs = !output.comparison.isEmpty
      case .trees(let old, let new, let paths):
        let output = TreeDiffOutput(rows: try rows(from: old, to: new, paths))
        output.show(global)
        differs = !output.rows.isEmpty
      }
    } catch let error as AdapterError {
      throw Failure(error)
    } catch let error as HistoryError { throw Failure(error) }
    if tellsByExitCode, differs { throw ExitCode(ExitStatus.negative.rawValue) }
  }

  /// The comparison of two sides, as it is shown.
  func output(
    _ before: ComparedSide, _ after: ComparedSide
  ) throws -> DiffOutput {
    let hasUpdates = before.adapter != nil && after.adapter != nil
    let progress = global.progressLine(
      "comparing", totalByteCount: (hasUpdates ? 2 : 1) * (before.byteCount + after.byteCount))
    defer { progress.finish() }
    return DiffOutput(
      comparison: try Comparison(
        from: before, to: after, execution: try compute.execution(progress)),
      order: sort ?? (top == nil ? .name : .relative), limit: top,
      listsAll: sort != nil || top != nil)
  }

  private func side(_ text: String) throws -> ComparedSide {
    guard let stored = try StoredOperand(text) else { return try ComparedSide(opening: Path(text)) }
    return try ComparedSide(opening: stored.files.path, as: Path(text))
  }
}
