internal import ArgumentParser
internal import Files
internal import History
internal import Storage

struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write an adapter of the history as an archive",
    discussion: """
      Writes REV:PATH, an adapter, a folder of adapters or a file, as .tar.zst, .tar or .zip, by the \
      output's name. The same revision and path give the same bytes: names are sorted, and times are \
      the commit's. A folder's files lie below its own name.

      Exit codes: 0 written, 10 no repository, 15 what is stored is damaged, 64 nothing of that \
      name, or the output exists.
      """)

  @Argument(help: "What to write: REV:PATH")
  var source: String

  @Option(
    name: .shortAndLong, help: "The archive to write, which must not exist", completion: .file())
  var output: String

  @Flag(name: .shortAndLong, help: "Replace the output")
  var force = false

  @OptionGroup var compute: ComputeOptions
  @OptionGroup var global: GlobalOptions

  func run() throws {
    try global.enter()
    try OutputPlace.check(Path(output))
    let repository = try RepositoryContext(global).repository
    let progress = global.progressLine("writing", totalByteCount: 0)
    do {
      defer { progress.finish() }
      let (revision, path) = try Repository.parts(of: source)
      let place = try repository.place(revision, path: path)
      let exported = try repository.export(
        place, named: name(path, repository), time: time(of: revision, repository),
        to: Path(output), replacing: force, execution: try compute.execution(progress))
      progress.finish()
      ExportOutput(source: source, exported: exported).show(global)
    } catch let error as HistoryError { throw Failure(error) }
  }

  /// What the files lie below: the last part of the path; the repository's own name for all of it.
  private func name(_ path: String, _ repository: Repository) -> String {
    path.split(separator: "/").last.map(String.init) ?? repository.root.name
  }

  /// The commit's time; the start of 1970 for what has none.
  private func time(of revision: String, _ repository: Repository) -> Timestamp {
    guard !revision.isEmpty, let id = try? repository.commit(revision),
      let commit = try? repository.read(Commit.self, id)
    else { return Timestamp(seconds: 0) }
    return commit.time
  }
}
