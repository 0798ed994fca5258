internal import ArgumentParser
internal import Digests
internal import History
internal import Storage

struct BranchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "branch",
    abstract: "List, make, rename or delete branches",
    discussion: """
      Without arguments, lists the branches; the current one is marked. With a name, makes a branch \
      at a revision, and stays where it is: go there with switch.

      Exit codes: 0 done, 1 commits would be lost, 10 no repository, 64 no such branch or name.
      """)

  @Argument(help: "The branch; with -m, the old and the new name")
  var name: String?

  @Argument(help: "Where it begins (default: HEAD)")
  var start: String?

  @Flag(name: .shortAndLong, help: "Delete the branch, unless commits would be lost")
  var delete = false

  @Flag(name: .customShort("D"), help: "Delete the branch whatever is lost")
  var deleteAnyway = false

  @Flag(name: [.customShort("m"), .customLong("move")], help: "Rename a branch")
  var rename = false

  @Flag(name: .shortAndLong, help: "Move a branch that exists")
  var force = false

  @OptionGroup var global: GlobalOptions

  func validate() throws {
    if delete || deleteAnyway || rename, name == nil {
      throw ValidationError("Missing expected argument '<name>'")
    }
    if [delete || deleteAnyway, rename, force].count(where: { $0 }) > 1 {
      throw ValidationError("Give one of -d, -m and --force.")
    }
  }

  func run() throws {
    try global.enter()
    let context = try RepositoryContext(global)
    let repository = context.repository
    do {
      guard let name else {
        try BranchOutput(branches: repository.branches(), repository: repository).show(global)
        return
      }
      if delete || deleteAnyway {
        try repository.deleteBranch(
          name, force: deleteAnyway, act: try context.act("branch: delete \(name)"))
      } else if rename {
        let names = start.map { (old: name, new: $0) }
        try repository.renameBranch(
          names?.old, to: names?.new ?? name,
          act: try context.act("branch: rename to \(start ?? name)"))
      } else {
        let commit = try repository.commit(start ?? "HEAD")
        try repository.makeBranch(
          name, at: commit, force: force,
          act: try context.act("branch \(name) at \(commit.digest.short)"))
      }
    } catch let error as HistoryError { throw Failure(error) }
  }
}
