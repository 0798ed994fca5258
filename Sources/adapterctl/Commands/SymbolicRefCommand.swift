internal import ArgumentParser
internal import History
internal import Storage

struct SymbolicRefCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "symbolic-ref",
    abstract: "Show or set the branch that HEAD is on",
    discussion: """
      Plumbing: files of the working tree are not touched; switch does both.

      Exit codes: 0 done, 1 HEAD is detached, 10 no repository.
      """)

  @Argument(help: "The symbolic ref, HEAD")
  var name: String

  @Argument(help: "The branch's full name, such as refs/heads/main")
  var target: String?

  @OptionGroup var global: GlobalOptions

  func validate() throws {
    if name != "HEAD" { throw ValidationError("The only symbolic ref is HEAD.") }
    if let target, !target.hasPrefix(RefName.prefixes.branches) {
      throw ValidationError("HEAD can stand on a branch alone: refs/heads/NAME.")
    }
  }

  func run() throws {
    try global.enter()
    let context = try RepositoryContext(global)
    do {
      if let target {
        let branch = try RefName.branch(String(target.dropFirst(RefName.prefixes.branches.count)))
        try context.repository.pointHead(
          at: branch, act: try context.act("HEAD on \(branch.short)"))
        if global.json { SymbolicRefOutput(branch: branch).show(global) }
        return
      }
      guard let branch = try context.repository.head().branch else {
        throw global.untold(
          Failure(.negative, "detached", "HEAD is on no branch: it is detached."))
      }
      SymbolicRefOutput(branch: branch).show(global)
    } catch let error as HistoryError { throw Failure(error) }
  }
}
