internal import Adapters
internal import ArgumentParser
internal import Files
internal import History

struct Add: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add",
    abstract: "Stage adapters for the next commit",
    discussion: """
      Stores the files of each adapter and stages its snapshot. A folder that is no adapter itself \
      is searched for adapters; a model (a fully fine-tuned checkpoint) or a plain file is staged \
      when it is named. A path that is gone is taken out. What training leaves beside an adapter, \
      such as optimizer.pt, is left out, by rules that .adapterctlignore files can change.

      With --series, the path is the folder of a training run, wherever it lies: each checkpoint \
      in it becomes a commit of its own at one path, in the order of the steps, with what the run's \
      log says of the step as trailers. The path is that of --as, else the run's own; the last \
      checkpoint is written there, unless other files of its names are.

      Exit codes: 0 staged, 10 no repository, 15 a damaged file, 64 nothing that can be kept.
      """)

  @Argument(help: "Adapters, folders of adapters, models or files", completion: .file())
  var paths: [String] = []

  @Flag(name: [.customShort("A"), .long], help: "Take the whole working tree")
  var all = false

  @Option(help: "The base they were trained on: a registered name")
  var base: String?

  @Flag(help: "Commit the checkpoints of a training run, step by step")
  var series = false

  @Option(
    name: .customLong("as"),
    help: ArgumentHelp(
      "With --series, track it at this path (default: the run's own)", valueName: "path"))
  var trackedPath: String?

  @Flag(name: [.customShort("n"), .customLong("dry-run")], help: "Show what would be staged")
  var dryRun = false

  @OptionGroup var compute: ComputeOptions
  @OptionGroup var global: GlobalOptions

  func validate() throws {
    if all, !paths.isEmpty || series { throw ValidationError("-A takes no paths.") }
    if series, paths.count > 1 { throw ValidationError("--series takes one run at a time.") }
    if trackedPath != nil, !series { throw ValidationError("--as goes with --series.") }
  }

  func run() throws {
    try global.enter()
    // Not in `validate`, which would be heard before an option that there is none of.
    guard all || !paths.isEmpty else {
      throw Failure(
        .usage, "nothing_named", "Nothing is named to be added.",
        hint: "name paths, or take the whole working tree with: adapterctl add -A")
    }
    let context = try RepositoryContext(global)
    do {
      if series { return try commitSeries(context) }
      let top = context.shown(context.repository.root).text
      let selection = try WorkingSelection(context.repository, all ? [top] : paths)
      selection.notes.forEach(global.warn)
      if dryRun {
        StagingOutput(planned: selection).show(global)
        return
      }
      let progress = global.progressLine("storing", totalByteCount: selection.byteCount)
      let base = try base.map { try context.repository.base(named: $0) }
      let changes: [StagedChange]
      do {
        defer { progress.finish() }
        changes = try context.repository.stage(
          selection.found, removing: selection.removed, base: base,
          act: try context.act("add \(selection.summary)"),
          execution: try compute.execution(progress), cache: context.digestCache())
      }
      for change in changes { try context.warnOfUnknownBase(change.path, change.snapshot) }
      try StagingOutput(changes: changes, repository: context.repository).show(global)
    } catch let error as HistoryError { throw Failure(error) }
  }

  private func commitSeries(_ context: RepositoryContext) throws {
    let repository = context.repository
    let run = try TrainingRun(Path(paths[0]), in: repository)
    let path = try TrackedPath(try trackedPath.map(context.tracked) ?? ownPath(repository))
    let progress = global.progressLine(
      "storing", totalByteCount: run.steps.reduce(0) { $0 + $1.found.byteCount })
    defer { progress.finish() }
    let execution = try compute.execution(progress)
    guard !dryRun else {
      SeriesOutput(path: path, steps: run.steps.map { SeriesCommit(step: $0) }).show(global)
      return
    }
    let before = try repository.stagedTree(try repository.head())
    let isClean = try repository.workingDifferences(from: before, below: [path.text]).isEmpty
    let commits = try repository.commit(
      run, at: path, base: try base.map { try repository.base(named: $0) },
      author: try context.identity(), act: try context.act(), execution: execution)
    // The last one stands where it is tracked, as after any commit: over what was tracked there and is
    // unchanged, and beside the checkpoints where the run itself lies there.
    let isTracked = try repository.trees.snapshot(at: path, in: before) != nil
    do throws(HistoryError) {
      _ = try repository.restoreFiles(
        [path.text], from: try repository.tree(of: try repository.head().commit),
        force: isTracked && isClean, execution: execution)
    } catch {
      guard case .wouldOverwrite = error else { throw error }
      global.warn(
        "\(path) has files of its own and is left as it is; write the last step over them with: "
          + "adapterctl restore \(path).")
    }
    try context.warnOfUnknownBase(path, try repository.stagedSnapshot(at: path))
    SeriesOutput(path: path, steps: commits).show(global)
  }

  /// Where the run lies in the working tree; its name at the top where it lies elsewhere.
  private func ownPath(_ repository: Repository) -> String {
    let folder = Path(paths[0])
    return (try? repository.relative(folder)).flatMap { $0.isEmpty ? nil : $0 }
      ?? folder.resolved.name
  }
}
