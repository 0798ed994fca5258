internal import ArgumentParser
internal import Files
internal import History

struct RestoreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore",
    abstract: "Give files back as they were",
    discussion: """
      Gives the files at the paths back as they are staged, or as a revision has them, byte for \
      byte; changes that are not committed are lost. With --staged, takes what is staged back and \
      leaves the files alone.

      Exit codes: 0 restored, 10 no repository, 15 what is stored is damaged, 64 nothing is \
      tracked at a path.
      """)

  @Argument(help: "What to restore; . is everything", completion: .file())
  var paths: [String]

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Take the files from this revision", valueName: "revision"))
  var source: String?

  @Flag(name: [.customShort("S"), .long], help: "Restore what is staged, from the last commit")
  var staged = false

  @Flag(name: [.customShort("W"), .long], help: "Restore the files, also with --staged")
  var worktree = false

  @OptionGroup var compute: ComputeOptions
  @OptionGroup var global: GlobalOptions

  func run() throws {
    try global.enter()
    let context = try RepositoryContext(global)
    let repository = context.repository
    do {
      let paths = try paths.map(context.tracked)
      var tree = try source.map { try repository.tree(of: try repository.commit($0)) } ?? nil
      if source == nil {
        let head = try repository.head()
        tree = staged ? try repository.tree(of: head.commit) : try repository.stagedTree(head)
      }
      var restored: [TrackedPath] = []
      if staged {
        restored += try repository.unstage(
          paths, to: tree,
          act: try context.act("restore --staged \(paths.joined(separator: " "))"))
      }
      if worktree || !staged {
        let progress = global.progressLine("restoring", totalByteCount: 0)
        defer { progress.finish() }
        restored += try repository.restoreFiles(
          paths, from: tree, execution: try compute.execution(progress))
      }
      PathsOutput(
        command: "restore", action: staged && !worktree ? "unstaged" : "restored", paths: restored
      ).show(global)
    } catch let error as HistoryError { throw Failure(error) }
  }
}
