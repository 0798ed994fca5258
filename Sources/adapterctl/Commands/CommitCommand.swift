internal import Adapters
internal import ArgumentParser
internal import Files
internal import History
internal import Storage

struct CommitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "commit",
    abstract: "Record what is staged",
    discussion: """
      Makes a commit of what is staged, or, with paths, of these as they are now and nothing else. \
      The commit is on the disk when the command returns; it appears whole or not at all.

      Exit codes: 0 committed, 1 nothing to commit, 10 no repository, 11 gc is at work.
      """)

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("The message; several become paragraphs", valueName: "message"))
  var message: [String] = []

  @Flag(name: .shortAndLong, help: "Stage what is tracked and has changed, or is gone, first")
  var all = false

  @Option(
    help: ArgumentHelp("Add a line KEY=VALUE to the end of the message", valueName: "key=value"))
  var trailer: [String] = []

  @Flag(name: .customLong("allow-empty"), help: "Commit even if nothing differs")
  var allowsEmpty = false

  @Option(help: "The base that the named paths were trained on: a registered name")
  var base: String?

  @Flag(help: .hidden)
  var amend = false

  @Argument(help: "Commit these paths only", completion: .file())
  var paths: [String] = []

  @OptionGroup var compute: ComputeOptions
  @OptionGroup var global: GlobalOptions

  func validate() throws {
    if all, !paths.isEmpty { throw ValidationError("Give -a or paths, not both.") }
    for text in trailer where Trailer(option: text) == nil {
      throw ValidationError(
        "--trailer takes KEY=VALUE, the key of letters, digits, - and _; not \(text).")
    }
  }

  func run() throws {
    try global.enter()
    if amend {
      throw Failure(
        .usage, "amend", "Commits are not amended.",
        hint: "take the last one back with: adapterctl reset --soft HEAD~1, and commit again")
    }
    // Not in `validate`, which would be heard before an option that there is none of.
    guard !message.allSatisfy({ $0.allSatisfy(\.isWhitespace) }) else {
      throw Failure(
        .usage, "no_message", "A commit needs a message.",
        hint: "give it with: adapterctl commit -m MESSAGE")
    }
    let context = try RepositoryContext(global)
    let repository = context.repository
    do {
      var selection: WorkingSelection?
      if !paths.isEmpty { selection = try WorkingSelection(repository, paths) }
      if all {
        selection = try WorkingSelection(repository, changedPaths(context), purpose: .following)
      }
      selection?.notes.forEach(global.warn)
      let progress = global.progressLine("storing", totalByteCount: selection?.byteCount ?? 0)
      defer { progress.finish() }
      let execution = try compute.execution(progress)
      let text = fullMessage
      let act = try context.act("commit: \(text.subject)")
      let base = try base.map { try repository.base(named: $0) }
      let committed = try repository.commit(
        message: text.text, author: try context.identity(), found: selection?.found,
        removing: selection?.removed ?? [], withStaged: all, base: base, allowsEmpty: allowsEmpty,
        act: act,
        execution: execution, cache: context.digestCache())
      for change in committed.changes where selection != nil && change.new != nil {
        try context.warnOfUnknownBase(
          change.path, try change.new.map { try repository.read(Snapshot.self, $0) })
      }
      try CommitOutput(committed: committed, repository: repository).show(global)
    } catch let error as HistoryError { throw Failure(error) }
  }

  /// The paths that differ from what is staged, as the user would name them.
  private func changedPaths(_ context: RepositoryContext) throws -> [String] {
    try context.repository.status(
      findsUntracked: false, cache: context.digestCache()
    ).unstaged.map {
      context.shown(context.repository.place(of: $0.path.text)).text
    }
  }

  private var fullMessage: Message {
    Message(message.joined(separator: "\n\n"))
      .adding(trailers: trailer.compactMap { Trailer(option: $0) })
  }
}
