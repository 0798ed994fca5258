internal import Adapters
internal import ArgumentParser
internal import Files
internal import History

struct Add: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Stage adapters for the next commit",
    discussion: """
      Stores the files of each adapter and stages its snapshot. A folder that is no adapter itself \
      is searched for adapters; a model (a fully fine-tuned checkpoint) or a plain file is staged \
      when it is named. A path that is gone is taken out. What training leaves beside an adapter, \
      such as optimizer.pt, is left out, by rules that .adapterctlignore files can change.

      Exit codes: 0 staged, 10 no repository, 13 nothing that can be kept, 15 a damaged file.
      """)

  @Argument(help: "Adapters, folders of adapters, models or files", completion: .file())
  var paths: [String]

  @Option(help: "The base they were trained on: a registered name")
  var base: String?

  @Flag(name: [.customShort("n"), .customLong("dry-run")], help: "Show what would be staged")
  var dryRun = false

  @OptionGroup var compute: ComputeOptions
  @OptionGroup var global: GlobalOptions

  func run() throws {
    try global.enter()
    let context = try RepositoryContext(global)
    do {
      let selection = try WorkingSelection(context.repository, paths)
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
          execution: try compute.execution(progress))
      }
      try StagingOutput(changes: changes, repository: context.repository).show(global)
    } catch let error as HistoryError { throw Failure(error) }
  }
}
