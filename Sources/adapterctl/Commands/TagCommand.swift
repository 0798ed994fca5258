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
      such as production, is moved with --move. Every place it had stays in the log.

      Exit codes: 0 done, 10 no repository, 64 the tag is there already, or is not.
      """)

  @Argument(help: "The tag")
  var name: String?

  @Argument(help: "What it names (default: HEAD)")
  var revision: String?

  @Option(name: .shortAndLong, help: ArgumentHelp("The tag's own message", valueName: "message"))
  var message: String?

  @Flag(help: "Move a tag that exists")
  var move = false

  @Flag(name: .shortAndLong, help: "Delete the tag")
  var delete = false

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("List the tags whose names match this glob", valueName: "glob"))
  var list: String?

  @OptionGroup var global: GlobalOptions

  func validate() throws {
    if move || delete || message != nil, name == nil {
      throw ValidationError("Missing expected argument '<name>'")
    }
    if delete, move || message != nil || revision != nil {
      throw ValidationError("-d takes the name alone.")
    }
    if list != nil, name != nil { throw ValidationError("--list takes a glob and no name.") }
  }

  func run() throws {
    try global.enter()
    let context = try RepositoryContext(global)
    let repository = context.repository
    do {
      guard let name else {
        var tags = try repository.tags()
        if let list { tags.removeAll { !NameGlob(list).matches($0.name) } }
        try TagOutput(tags: tags, repository: repository).show(global)
        return
      }
      if delete {
        let commit = try repository.deleteTag(name, act: try context.act("tag: delete \(name)"))
        TagMoveOutput(name: name, old: commit, new: nil).show(global)
        return
      }
      let commit = try repository.commit(revision ?? "HEAD")
      let known = try? repository.commit("refs/tags/\(name)")
      let summary = known.map { "tag \(name): \($0.digest.short) → \(commit.digest.short)" }
      let old = try repository.makeTag(
        name, at: commit, message: message, tagger: try context.identity(), moving: move,
        act: try context.act(summary ?? "tag \(name) at \(commit.digest.short)"))
      TagMoveOutput(name: name, old: old, new: commit).show(global)
    } catch let error as HistoryError { throw Failure(error) }
  }
}
