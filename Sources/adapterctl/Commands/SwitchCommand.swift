internal import ArgumentParser
internal import Digests
internal import Files
internal import History
internal import Storage

struct SwitchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "switch",
    abstract: "Go to another branch",
    discussion: """
      Brings the working tree to what the branch has. Changes that are not committed stay, where \
      the two agree about the path; elsewhere nothing is done, unless --discard-changes gives them \
      up.

      Exit codes: 0 switched, 1 changes are in the way, 10 no repository, 64 no such branch.
      """)

  @Argument(help: "A branch, or - for the one before; with --detach or --create, a revision")
  var target: String?

  @Option(
    name: [.customShort("c"), .long], help: ArgumentHelp("Make this branch", valueName: "branch"))
  var create: String?

  @Flag(name: [.customShort("d"), .long], help: "Go to a commit without a branch")
  var detach = false

  @Flag(
    name: [.customShort("f"), .customLong("discard-changes"), .customLong("force")],
    help: "Give up changes that are in the way")
  var discards = false

  @OptionGroup var compute: ComputeOptions
  @OptionGroup var global: GlobalOptions

  func validate() throws {
    if target == nil, create == nil {
      throw ValidationError("Missing expected argument '<branch>'")
    }
  }

  func run() throws {
    try global.enter()
    let context = try RepositoryContext(global)
    do {
      try Self.go(
        to: try destination(context.repository), discards: discards, context, compute, global)
    } catch let error as HistoryError { throw Failure(error) }
  }

  private func destination(_ repository: Repository) throws -> Repository.Destination {
    if let create {
      return .newBranch(try .newBranch(create), at: try target.map(repository.commit))
    }
    let text = target ?? ""
    if detach { return .detached(try repository.commit(text)) }
    if text == "-" { return try repository.previousPlace() }
    let name = try RefName.branch(text)
    guard try repository.refValue(name) != nil else {
      let isRevision = (try? repository.commit(text)) != nil
      throw Failure(
        .usage, "no_such_branch", "There is no branch \"\(text)\".",
        hint: isRevision
          ? "go to that commit with: adapterctl switch --detach \(text)"
          : Failure.didYouMean(try repository.nearBranches(text))
            ?? "make it with: adapterctl switch -c \(text)")
    }
    return .branch(name)
  }

  /// Goes there, and says where that is.
  static func go(
    to destination: Repository.Destination, discards: Bool, _ context: RepositoryContext,
    _ compute: ComputeOptions, _ global: GlobalOptions
  ) throws {
    let repository = context.repository
    let (summary, title): (String, String)
    switch destination {
    case .branch(let name):
      (summary, title) = ("switch to \(name.short)", "on branch \(name.short)")
    case .newBranch(let name, _):
      (summary, title) = ("switch to new \(name.short)", "on new branch \(name.short)")
    case .detached(let id):
      (summary, title) = ("switch to \(id.digest.short)", "head detached at \(id.digest.short)")
    }
    let progress = global.progressLine("restoring", totalByteCount: 0)
    defer { progress.finish() }
    let left = try repository.head()
    let paths = try repository.move(
      to: destination, force: discards, act: try context.act(summary),
      execution: try compute.execution(progress))
    PathsOutput(command: "switch", action: "changed", paths: paths, title: title).show(global)
    if left.branch == nil, let commit = left.commit, try !repository.isReachedElsewhere(commit) {
      global.warn(
        "the commit \(commit.digest.short) is on no branch; keep it with: adapterctl branch NAME "
          + "\(commit.digest.short)")
    }
    if case .newBranch(let name, _) = destination {
      try context.warnOfID(name.short, "branch")
    }
  }
}
