internal import ArgumentParser
internal import History

struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Show what differs from the last commit",
    discussion: """
      Compares the working tree with what is staged, and what is staged with the last commit. \
      Adapters that are not tracked, and tracked ones whose base is unknown, are listed.

      Exit codes: 0 shown, 10 no repository; with --exit-code, 1 when anything differs.
      """)

  @Argument(help: "Look at these paths only", completion: .file())
  var paths: [String] = []

  @Flag(
    name: .customLong("untracked"), inversion: .prefixedNo,
    help: "Look for adapters that are not tracked")
  var untracked = true

  @Flag(name: .customLong("exit-code"), help: "Exit with 1 when anything differs")
  var exitCode = false

  @OptionGroup var global: GlobalOptions

  func run() throws {
    try global.enter()
    let context = try RepositoryContext(global)
    do {
      let status = try context.repository.status(
        below: try paths.map(context.tracked), findsUntracked: untracked,
        cache: context.digestCache())
      StatusOutput(status: status).show(global)
      if exitCode, !status.isClean { throw ExitCode(ExitStatus.negative.rawValue) }
    } catch let error as HistoryError { throw Failure(error) }
  }
}
