internal import ArgumentParser
internal import History

struct DUCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "du",
    abstract: "Show what each branch, tag and base costs",
    discussion: """
      For each ref: the bytes of all it leads to, history included, each different chunk once; what \
      they take in the store; and the part that no other ref leads to, which is what deleting the \
      ref would free in time.

      Exit codes: 0 shown, 10 no repository, 15 the repository is damaged, 64 no such revision.
      """)

  @Argument(help: "Look at these refs or revisions only")
  var revisions: [String] = []

  @OptionGroup var global: GlobalOptions

  func run() throws {
    try global.enter()
    let repository = try RepositoryContext(global).repository
    do { DUOutput(costs: try repository.costs(of: revisions)).show(global) } catch {
      throw Failure(error)
    }
  }
}
