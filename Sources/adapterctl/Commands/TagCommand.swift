internal import ArgumentParser
internal import Digests
internal import History
internal import Storage

struct TagCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tag",
    abstract: "List, make, move or delete tags",
    discussion: """
      Without arguments, lists the tags. With a name, names a revision; with -m the tag has a \
      message and an author of its own. A tag stays where it is; an alias that is meant to move, \
      such as production, is moved with --move, and keeps its message unless -m gives another. \
      Every place it had stays in the log.

      Exit codes: 0 done, 10 no repository, 64 the tag is there already, or is not.
      """)

  @Argument(help: "The tag; with --list, a glob")
  var name: String?

  @Argument(help: "What it names (default: HEAD)")
  var revision: String?

  @Option(name: .shortAndLong, help: ArgumentHelp("The tag's own message", valueName: "message"))
  var message: String?

  @Flag(name: .shortAndLong, help: "Make a tag with a message of its own, that of -m")
  var annotate = false

  @Flag(help: "Move a tag that exists")
  var move = false

  @Flag(name: .shortAndLong, help: "As in git, the same as --move")
  var force = false

  @Flag(name: .shortAndLong, help: "Delete the tag")
  var delete = false

  @Flag(name: .shortAndLong, help: "List the tags, those whose names match a glob")
  var list = false

  @OptionGroup var global: GlobalOptions

  private var moves: Bool { move || force }

  func validate() throws {
    if moves || delete || annotate || message != nil, name == nil {
      throw ValidationError("Missing expected argument '<name>'")
    }
    if annotate, message == nil {
      throw ValidationError("-a makes a tag with a message: give it with -m.")
    }
    if let message, message.allSatisfy(\.isWhitespace) {
      throw ValidationError("-m takes a message that is not empty.")
    }
    if delete, moves || message != nil || revision != nil || list {
      throw ValidationError("-d takes the name alone.")
    }
    if list, moves || message != nil || revision != nil {
      throw ValidationError("--list takes one glob.")
    }
  }

  func run() throws {
    try global.enter()
    let context = try RepositoryContext(global)
    do {
      guard let name, !list else { return try show(context.repository) }
      if delete {
        let commit = try context.repository.deleteTag(
          name, act: try context.act("tag: delete \(name)"))
        TagMoveOutput(name: name, old: commit, new: nil).show(global)
      } else {
        try make(name, context)
      }
    } catch let error as HistoryError { throw Failure(error) }
  }

  private func show(_ repository: Repository) throws {
    var tags = try repository.tags()
    if let name {
      let glob = NameGlob(name)
      tags.removeAll { !glob.matches($0.name) }
    }
    try TagOutput(tags: tags, repository: repository).show(global)
  }

  private func make(_ name: String, _ context: RepositoryContext) throws {
    let repository = context.repository
    let commit = try repository.commit(revision ?? "HEAD")
    let known = try? repository.commit("refs/tags/\(name)")
    let summary = known.map { "tag \(name): \($0.digest.short) → \(commit.digest.short)" }
    let old = try repository.makeTag(
      name, at: commit, message: message, tagger: try context.identity(), moving: moves,
      act: try context.act(summary ?? "tag \(name) at \(commit.digest.short)"))
    TagMoveOutput(name: name, old: old, new: commit).show(global)
    if force, let old, old != commit {
      global.hint("a tag that is meant to move is moved with --move; -f does the same")
    }
    try context.warnOfID(name, "tag")
  }
}
