internal import ArgumentParser
internal import History

struct BaseRemove: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove",
    abstract: "Forget a registered base",
    discussion: """
      Takes the registration away, and touches none of the model's files. A base that adapters on \
      a branch were trained on is kept, unless --force is given.

      Exit codes: 0 removed, 10 no repository, 64 no such base, or one in use.
      """)

  @Argument(help: "The name of a registered base")
  var name: String

  @Flag(help: "Forget it even if adapters on a branch were trained on it")
  var force = false

  @OptionGroup var global: GlobalOptions

  func run() throws {
    try global.enter()
    let context = try RepositoryContext(global)
    do {
      let base = try context.repository.unregister(
        baseNamed: name, force: force, act: try context.act("base remove \(name)"))
      BaseRemoveOutput(name: name, base: base).show(global)
    } catch let error as HistoryError { throw Failure(error) }
  }
}
