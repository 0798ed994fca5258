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
      the largest. Adapters of other layouts, and full models, are compared tensor by tensor.

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
    let differs: Bool
    var isPartial = false
    do {
      switch try DiffOperands(operands, staged: staged, global) {
      case .pair(let old, let new):
        let output = try output(
          try side(old), try side(new), at: try base(checkedAgainst: [old, new]))
        if difference.csv {
          for line in DiffCSV(comparison: output.comparison, style: output.style).lines {
            Terminal.write(line)
          }
        } else {
          output.show(global)
        }
        differs = output.differs
        isPartial = output.comparison.hasUnmeasured
      case .trees(let old, let new, let paths):
        if base != nil {
          throw Failure(.usage, "usage", "--base is for two adapters or models.")
        }
        if difference.csv {
          throw Failure(.usage, "usage", "--csv lists the weights of two adapters or models.")
        }
        let output = TreeDiffOutput(rows: try rows(from: old, to: new, paths))
        output.show(global)
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
    let hasUpdates = before.adapter != nil && after.adapter != nil
    let progress = global.progressLine(
      "comparing", totalByteCount: (hasUpdates ? 2 : 1) * (before.byteCount + after.byteCount))
    defer { progress.finish() }
    return DiffOutput(
      comparison: try Comparison(
        from: before, to: after, at: base, measuring: difference.measures,
        execution: try compute.execution(progress)), style: difference.style)
  }

  /// The base, held to the one that adapters of the repository were trained on.
  private func base(checkedAgainst texts: [String]) throws -> Checkpoint? {
    guard let base else { return nil }
    let model = try base.open(global, compute)
    let adapters = texts.compactMap { AdapterOperand(argument: $0) }
      .compactMap { try? $0.opened() }
    try BaseGuard.check(adapters, base: model, global, compute)
    return model
  }

  private func side(_ text: String) throws -> ComparedSide {
    guard let stored = try StoredOperand(text) else { return try ComparedSide(opening: Path(text)) }
    return try ComparedSide(opening: stored.files.path, as: Path(text))
  }
}
