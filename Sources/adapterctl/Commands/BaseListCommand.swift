internal import ArgumentParser
internal import Files
internal import History

struct BaseList: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List the registered bases",
    discussion: "Exit codes: 0 listed, 10 no repository.")

  @OptionGroup var global: GlobalOptions

  func run() throws {
    try global.enter()
    let context = try RepositoryContext(global)
    do {
      let rows = try context.repository.bases().sorted { $0.key < $1.key }.map { name, base in
        BaseListOutput.Row(
          name: name, base: base,
          path: try context.repository.basePath(named: name).map { context.shown($0) })
      }
      BaseListOutput(rows: rows).show(global)
    } catch let error as HistoryError { throw Failure(error) }
  }
}
