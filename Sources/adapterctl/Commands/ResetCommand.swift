internal import ArgumentParser
internal import Digests
internal import History
internal import Storage

struct ResetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reset",
    abstract: "Move the branch to another commit, or unstage paths",
    discussion: """
      Without options, what is staged is taken back and the files stay; --soft keeps what is staged \
      too, --hard gives up the files' changes. With paths, unstages these and moves nothing. What \
      the branch was before stays in the log: adapterctl undo takes this back. Before the first \
      commit, all that is staged is taken back.

      Exit codes: 0 done, 10 no repository, 64 no such revision.
      """)

  @Argument(help: "The commit (default: HEAD), or paths to unstage")
  var arguments: [String] = []

  @Option(
    name: .customLong("path"), help: ArgumentHelp("A path behind --", visibility: .hidden))
  var marked: [String] = []

  @Flag(help: "Leave what is staged and the files as they are")
  var soft = false

  @Flag(help: "Take back what is staged; the default")
  var mixed = false

  @Flag(help: "Take back what is staged and the files' changes")
  var hard = false

  @OptionGroup var compute: ComputeOptions
  @OptionGroup var global: GlobalOptions

  func validate() throws {
    if [soft, mixed, hard].count(where: { $0 }) > 1 {
      throw ValidationError("Give one of --soft, --mixed and --hard.")
    }
  }

  func run() throws {
    try global.enter()
    let context = try RepositoryContext(global)
    let repository = context.repository
    do {
      let (target, paths) = try reading(context)
      guard paths.isEmpty else {
        if soft || hard {
          throw Failure(.usage, "paths", "Paths are unstaged; --soft and --hard move a branch.")
        }
        let unstaged = try repository.unstage(
          paths, to: try repository.tree(of: target), act: try context.act("reset paths"))
        PathsOutput(command: "reset", action: "unstaged", paths: unstaged).show(global)
        return
      }
      guard let target else { return try takeBack(context) }
      let progress = global.progressLine("restoring", totalByteCount: 0)
      defer { progress.finish() }
      let changed = try repository.reset(
        to: target, soft ? .soft : hard ? .hard : .mixed,
        act: try context.act("reset to \(target.digest.short)"),
        execution: try compute.execution(progress))
      let subject = try repository.read(Commit.self, target).subject
      PathsOutput(
        command: "reset", action: "changed", paths: changed,
        title: Terminal.escaped("HEAD is now at \(target.digest.short) \(subject)")
      ).show(global)
    } catch let error as HistoryError { throw Failure(error) }
  }

  /// What reset does before the first commit: all that is staged is taken back.
  private func takeBack(_ context: RepositoryContext) throws {
    let repository = context.repository
    let act = try context.act("reset")
    let progress = global.progressLine("restoring", totalByteCount: 0)
    defer { progress.finish() }
    if hard || soft {
      let changed = try repository.reset(
        to: nil, hard ? .hard : .soft, act: act, execution: try compute.execution(progress))
      PathsOutput(command: "reset", action: "removed", paths: changed).show(global)
    } else {
      let unstaged = try repository.unstage([""], to: nil, act: act)
      PathsOutput(command: "reset", action: "unstaged", paths: unstaged).show(global)
    }
  }

  /// The commit and the paths: the first argument is a revision where it can be one.
  private func reading(
    _ context: RepositoryContext
  ) throws -> (target: ObjectID?, paths: [String]) {
    let repository = context.repository
    let head = try repository.head().commit
    let marked = try marked.map(context.tracked)
    guard let first = arguments.first else { return (head, marked) }
    let target: ObjectID
    do throws(HistoryError) {
      target = try repository.commit(first)
    } catch {
      guard case .unknownRevision = error, context.isTracked(first) else { throw error }
      return (head, try arguments.map(context.tracked) + marked)
    }
    return (target, try arguments.dropFirst().map(context.tracked) + marked)
  }
}
