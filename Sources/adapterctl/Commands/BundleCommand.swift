internal import ArgumentParser
internal import Files
internal import History
internal import Storage

struct BundleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bundle",
    abstract: "Carry refs and all they lead to in one file",
    subcommands: [BundleCreateCommand.self, BundleVerifyCommand.self, BundleUnbundleCommand.self])
}

struct BundleCreateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "create", abstract: "Write a bundle of branches and tags",
    discussion: """
      Exit codes: 0 written, 10 no repository, 15 something is missing, 64 no ref of that name, or \
      the file exists.
      """)

  @Argument(help: "The file to write, which must not exist", completion: .file())
  var file: String

  @Argument(help: "Branches, tags and other refs")
  var revisions: [String] = []

  @Flag(help: "Take all branches, tags, bases and merges")
  var all = false

  @Option(
    help: ArgumentHelp("Leave out what this leads to: the receiver has it", valueName: "revision"))
  var since: [String] = []

  @OptionGroup var global: GlobalOptions

  func validate() throws {
    if revisions.isEmpty != all { throw ValidationError("Name the refs to carry, or give --all.") }
  }

  func run() throws {
    try global.enter()
    let repository = try RepositoryContext(global).repository
    do {
      let names = all ? try repository.bundledNames() : revisions
      guard !names.isEmpty else {
        throw Failure(
          .usage, "nothing_to_carry", "There is nothing to carry: no branch, tag, base or merge.",
          hint: "make a commit first")
      }
      let bundle = try repository.bundle(names, since: since, to: Path(file))
      BundleOutput(action: "create", bundle: bundle).show(global)
    } catch let error as HistoryError {
      guard case .storage(.file(.exists(let path))) = error else { throw Failure(error) }
      throw Failure(.usage, "exists", "\(path) exists already.", hint: "choose another name")
    }
  }
}

struct BundleVerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Check a bundle, and that this repository can take it in",
    discussion: """
      Outside of a repository, what the bundle needs to be there already is believed.

      Exit codes: 0 sound, 1 the repository lacks what the bundle needs, 15 damaged.
      """)

  @Argument(help: "The bundle", completion: .file())
  var file: String

  @OptionGroup var global: GlobalOptions

  func run() throws {
    try global.enter()
    let store = try RepositoryContext.ifAny(global)?.repository.store
    do throws(HistoryError) {
      let bundle = try Bundle.opened(Path(file))
      let contents = try bundle.checked(in: store)
      BundleOutput(action: "verify", bundle: bundle, contents: contents).show(global)
    } catch { throw Failure(error) }
  }
}

struct BundleUnbundleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "unbundle", abstract: "Take a bundle in",
    discussion: """
      Checks all of the bundle first. Branches, tags, bases and merges that are missing here are \
      made; none that is here moves. Where one of them is elsewhere, what the bundle names so is \
      kept as refs/remotes/bundle/heads/NAME or the like.

      Exit codes: 0 taken in, 1 the repository lacks what the bundle needs, 10 no repository, 15 \
      damaged, and nothing was made.
      """)

  @Argument(help: "The bundle", completion: .file())
  var file: String

  @OptionGroup var global: GlobalOptions

  func run() throws {
    try global.enter()
    let context = try RepositoryContext(global)
    do {
      let bundle = try Bundle.opened(Path(file))
      let wasUnborn = try context.repository.head().commit == nil
      let refs = try context.repository.unbundle(bundle, act: try context.act("unbundle"))
      UnbundleOutput(refs: refs).show(global)
      let head = try context.repository.head()
      if wasUnborn, head.commit != nil, let branch = head.branch {
        global.warn(
          "\(branch.short) has commits now, and their files are not written yet; write them with: "
            + "adapterctl restore .")
      }
    } catch let error as HistoryError { throw Failure(error) }
  }
}
