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
      the branch was before stays in the log: adapterctl undo takes this back.

      Exit codes: 0 done, 10 no repository, 64 no such revision.
      """)

  @Argument(help: "The commit (default: HEAD), or paths to unstage")
  var arguments: [String] = []

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
      guard let target else { throw HistoryError.unbornBranch("HEAD") }
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

  /// The commit and the paths: the first argument is a revision where it can be one.
  private func reading(
    _ context: RepositoryContext
  ) throws -> (target: ObjectID?, paths: [String]) {
    let repository = context.repository
    let head = try repository.head().commit
    guard let first = arguments.first else { return (head, []) }
    let target: ObjectID
    do throws(HistoryError) {
      target = try repository.commit(first)
    } catch {
      guard case .unknownRevision = error, isTracked(first, context) else { throw error }
      return (head, try arguments.map(context.tracked))
    }
    return (target, try arguments.dropFirst().map(context.tracked))
  }

  /// Whether something is staged or committed at a path.
  private func isTracked(_ text: String, _ context: RepositoryContext) -> Bool {
    guard let path = try? context.tracked(text) else { return false }
    return ["", "HEAD"].contains { (try? context.repository.place($0, path: path)) != nil }
  }
}
