internal import ArgumentParser
internal import Digests
internal import History
internal import JSON
internal import Storage

struct BranchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "branch",
    abstract: "List, make, rename or delete branches",
    discussion: """
      Without arguments, lists the branches; the current one is marked. With a name, makes a branch \
      at a revision, and stays where it is: go there with switch. -a lists what bundles have brought \
      from other repositories too, -r that alone.

      Exit codes: 0 done, 1 commits would be lost, 10 no repository, 64 no such branch or name.
      """)

  @Argument(help: "The branch; with -m, the old and the new name; with --list, a glob")
  var name: String?

  @Argument(help: "Where it begins (default: HEAD)")
  var start: String?

  @Flag(name: .shortAndLong, help: "List branches, those whose names match a glob")
  var list = false

  @Flag(name: .shortAndLong, help: "List the branches of other repositories too")
  var all = false

  @Flag(name: .shortAndLong, help: "List the branches of other repositories")
  var remotes = false

  @Flag(name: .customLong("show-current"), help: "Print the current branch, if there is one")
  var showsCurrent = false

  @Flag(name: .shortAndLong, help: "Delete the branch, unless commits would be lost")
  var delete = false

  @Flag(name: .customShort("D"), help: "Delete the branch whatever is lost")
  var deleteAnyway = false

  @Flag(name: [.customShort("m"), .customLong("move")], help: "Rename a branch")
  var rename = false

  @Flag(name: .shortAndLong, help: "Move a branch that exists")
  var force = false

  @OptionGroup var global: GlobalOptions

  private var lists: Bool { list || all || remotes || name == nil }

  func validate() throws {
    if delete || deleteAnyway || rename, name == nil {
      throw ValidationError("Missing expected argument '<name>'")
    }
    if [delete || deleteAnyway, rename, force, list || all || remotes].count(where: { $0 }) > 1 {
      throw ValidationError("Give one of --list, -d, -m and --force.")
    }
    if showsCurrent, name != nil || list || all || remotes || delete || deleteAnyway || rename {
      throw ValidationError("--show-current goes with nothing else.")
    }
    if (all || remotes) && !list && name != nil {
      throw ValidationError("-a and -r list; with a glob, give --list as well.")
    }
    if start != nil, list || delete || deleteAnyway {
      throw ValidationError(list ? "--list takes one glob." : "-d takes one branch.")
    }
  }

  func run() throws {
    try global.enter()
    let context = try RepositoryContext(global)
    do {
      if showsCurrent {
        let branch = try context.repository.head().branch?.short
        ListOutput(
          lines: branch.map { [$0] } ?? [],
          json: [
            "schema": "adapterctl.branch-current/1", "branch": branch.map { .string($0) } ?? .null,
          ]
        ).show(global)
        return
      }
      if lists { return try show(context.repository) }
      if let name { try change(name, context) }
    } catch let error as HistoryError { throw Failure(error) }
  }

  private func show(_ repository: Repository) throws {
    var branches = remotes && !all ? [] : try repository.branches()
    var remote: [ListedRef] = []
    if all || remotes {
      remote = try repository.listedRefs(matching: ["refs/remotes"]).filter { $0.kind == .commit }
    }
    if let name {
      let glob = NameGlob(name)
      branches.removeAll { !glob.matches($0.name) }
      remote.removeAll { !glob.matches($0.name.unambiguous) }
    }
    try BranchOutput(
      branches: branches, remote: remote, head: try repository.head(), repository: repository
    ).show(global)
  }

  private func change(_ name: String, _ context: RepositoryContext) throws {
    let repository = context.repository
    let output: BranchMoveOutput
    if delete || deleteAnyway {
      let old = try repository.deleteBranch(
        name, force: deleteAnyway, act: try context.act("branch: delete \(name)"))
      output = BranchMoveOutput(name: name, old: old, new: nil)
    } else if rename {
      let new = start ?? name
      let renamed = try repository.renameBranch(
        start == nil ? nil : name, to: new, act: try context.act("branch: rename to \(new)"))
      output = BranchMoveOutput(
        name: new, oldName: renamed.old, old: renamed.commit, new: renamed.commit)
      try context.warnOfID(new, "branch")
    } else {
      let commit = try repository.commit(start ?? "HEAD")
      let old = try repository.makeBranch(
        name, at: commit, force: force,
        act: try context.act("branch \(name) at \(commit.digest.short)"))
      output = BranchMoveOutput(name: name, old: old, new: commit)
      try context.warnOfID(name, "branch")
    }
    output.show(global)
  }
}
