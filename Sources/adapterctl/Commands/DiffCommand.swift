internal import Adapters
internal import ArgumentParser
internal import Files
internal import History
internal import Storage
internal import Tensors

struct Diff: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Show what two adapters, models or revisions differ by",
    discussion: """
      Compares settings, updates and tensors; other files beside them take no part. Of each weight \
      the norms are shown of the change that the old and the new adapter make and of the difference \
      of the two, and the cosine between them, from the factors: ranks, alphas and formats may \
      differ. Norms are spectral norms unless --norm says otherwise; of several weights together, \
      the largest. Adapters of other layouts, and full models, are compared tensor by tensor, one \
      matrix in memory at a time; the spectral norm of a large one is told from below, with what the \
      true one is at most.

      With --base, the change that either makes of that base is compared, whatever it is: an adapter \
      of any supported method, DoRA's effect included, or a fine-tuned model.

      Two paths, or REV:PATH, are compared with each other. In a repository, diff alone compares \
      the working tree with what is staged, diff --staged what is staged with the last commit, \
      diff REV the working tree with a revision, and diff REV REV or REV..REV two revisions, each \
      at all paths or at those that follow.

      Exit codes: 0 compared, 1 with --exit-code where they differ, 3 compared but for weights with \
      NaN or infinite values, 10 no repository, 12 another base than an adapter was trained on, 13 no \
      adapter or model, or one that does not fit the base, 15 a damaged file.
      """)

  @Argument(
    help: ArgumentHelp(
      "Two adapters or models, each a path or REV:PATH; or revisions and paths",
      valueName: "operand"),
    completion: .file())
  var operands: [String] = []

  @Option(
    name: .customLong("path"), help: ArgumentHelp("A path behind --", visibility: .hidden))
  var marked: [String] = []

  @Flag(
    name: [.long, .customLong("cached")], help: "Compare what is staged, not the working tree")
  var staged = false

  @Flag(name: .customLong("exit-code"), help: "Exit with 1 where the two differ, as git diff does")
  var tellsByExitCode = false

  @Option(
    help: ArgumentHelp(
      "Compare what both make of this base: a directory, a file of weights, or a registered base's "
        + "name"))
  var base: BaseOperand?

  @OptionGroup var difference: DifferenceArguments
  @OptionGroup var compute: ComputeOptions
  @OptionGroup var global: GlobalOptions

  func validate() throws {
    if difference.csv, global.json { throw ValidationError("--csv and --json exclude each other.") }
  }

  func run() throws {
    try global.enter()
    try difference.plot?.checkPlace()
    let differs: Bool
    var isPartial = false
    do {
      switch try DiffOperands(operands, marked, staged: staged, global) {
      case .pair(let old, let new):
        let sides = (try opened(old), try opened(new))
        let output = try output(
          sides.0.side, sides.1.side, at: try base(checkedAgainst: [sides.0.known, sides.1.known]))
        try difference.draw(output.comparison)
        if difference.csv { write(output) } else { output.show(global) }
        differs = output.differs
        isPartial = output.comparison.hasUnmeasured
      case .trees(let old, let new, let paths):
        if base != nil {
          throw Failure(.usage, "usage", "--base is for two adapters or models.")
        }
        let output = TreeDiffOutput(rows: try rows(from: old, to: new, paths))
        try show(output)
        differs = output.differs(tolerates: difference.tolerance != nil)
        isPartial = output.rows.contains { $0.comparison?.comparison.hasUnmeasured ?? false }
      }
    } catch let error as AdapterError {
      throw Failure(error)
    } catch let error as HistoryError { throw Failure(error) }
    if tellsByExitCode, differs { throw ExitCode(ExitStatus.negative.rawValue) }
    if isPartial { throw ExitCode(ExitStatus.partial.rawValue) }
  }

  /// The comparison of two sides, as it is shown.
  func output(
    _ before: ComparedSide, _ after: ComparedSide, at base: Checkpoint? = nil
  ) throws -> DiffOutput {
    if base == nil, before.adapter == nil || after.adapter == nil {
      try difference.checkForTensors()
    }
    // Once for the bytes, once for the norms.
    let progress = global.progressLine(
      "comparing", totalByteCount: 2 * (before.byteCount + after.byteCount))
    defer { progress.finish() }
    return DiffOutput(
      comparison: try Comparison(
        from: before, to: after, at: base, measuring: difference.measures,
        execution: try compute.execution(progress)), style: difference.style)
  }

  /// The base, held to the one that adapters of the repository were trained on.
  private func base(checkedAgainst known: [BaseGuard.Known?]) throws -> Checkpoint? {
    guard let base else { return nil }
    let model = try base.open(global, compute)
    try BaseGuard.check(known.compactMap { $0 }, base: model, global, compute)
    return model
  }

  /// A side, and the base that the repository knows it to belong to.
  private func opened(_ text: String) throws -> (side: ComparedSide, known: BaseGuard.Known?) {
    let stored = try StoredOperand(text)
    let path = Path(text)
    let side = try ComparedSide(opening: stored?.files.path ?? path, as: path)
    let snapshot = stored?.files.snapshot ?? StoredOperand.tracked(path)?.snapshot
    return (side, snapshot?.base.map { BaseGuard.Known(name: text, base: $0) })
  }
}
