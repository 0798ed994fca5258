internal import ArgumentParser
internal import History
internal import Storage

struct BlameCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "blame",
    abstract: "Show which commit changed each tensor of an adapter last",
    discussion: """
      For each tensor, and each file that holds none, the commit that gave it its content is found \
      along first parents. The text has one line for a module whose tensors are of the same commit; \
      -v and --json have every tensor.

      Exit codes: 0 shown, 10 no repository, 64 nothing is tracked at the path.
      """)

  @Argument(help: "An adapter, checkpoint or file that is tracked", completion: .file())
  var path: String

  @Argument(help: "Where to begin")
  var revision = "HEAD"

  @OptionGroup var global: GlobalOptions

  func run() throws {
    try global.enter()
    let context = try RepositoryContext(global)
    let tracked = try context.tracked(path)
    let blame: Blame
    do throws(HistoryError) {
      let start = try context.repository.commit(revision)
      blame = try context.repository.blame(
        try TrackedPath(tracked), from: start, revision: revision)
    } catch { throw Failure(error) }
    try context.warnOfUnknownBase(blame.path, blame.snapshot)
    Pager.around(global) {
      BlameOutput(blame: blame, palette: global.palette).show(global)
    }
  }
}
