internal import ArgumentParser
internal import Files
internal import History

struct ImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Take adapters in from an archive",
    discussion: """
      Extracts a tar (plain or compressed), a zip or a 7z into a new folder of the working tree and \
      stages the adapters in it, as add does; with -m they are committed. The folder is the one of \
      --as, else it has the name of the archive's one folder, or of the archive. Nothing that exists \
      is touched. Archives with links, devices, or names that lead elsewhere are refused whole.

      Exit codes: 0 taken in, 10 no repository, 13 no adapter in it, 15 a damaged or hostile \
      archive, 64 the folder exists.
      """)

  @Argument(help: "The archive", completion: .file())
  var archive: String

  @Option(
    name: .customLong("as"), help: ArgumentHelp("The folder to make", valueName: "path"))
  var trackedPath: String?

  @Option(help: "The base they were trained on: a registered name")
  var base: String?

  @Option(name: .shortAndLong, help: "Commit them, with this message")
  var message: String?

  @OptionGroup var compute: ComputeOptions
  @OptionGroup var global: GlobalOptions

  func run() throws {
    try global.enter()
    let context = try RepositoryContext(global)
    let repository = context.repository
    let progress = global.progressLine("storing", totalByteCount: 0)
    do {
      defer { progress.finish() }
      let path = try trackedPath.map { try TrackedPath(try context.tracked($0)) }
      let author = try message.map { ($0, try context.identity()) }
      let imported = try repository.importArchive(
        Path(archive), as: path, base: try base.map { try repository.base(named: $0) },
        committing: author.map { (message: $0.0, author: $0.1) },
        act: try context.act("import \(Path(archive).name)"),
        execution: try compute.execution(progress))
      progress.finish()
      imported.notes.forEach(global.warn)
      if let committed = imported.committed {
        try CommitOutput(committed: committed, repository: repository).show(global)
      } else {
        try StagingOutput(changes: imported.changes, repository: repository).show(global)
      }
    } catch let error as HistoryError {
      guard case .file(.exists(let path)) = error else { throw Failure(error) }
      throw Failure(
        .usage, "exists", "\(path) exists already; nothing was taken in.",
        hint: "name another folder with --as")
    }
  }
}
