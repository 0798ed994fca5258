internal import ArgumentParser
internal import History

struct ReflogCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reflog",
    abstract: "Show where HEAD or a branch has been",
    discussion: """
      Every place is a revision: HEAD@{2} is where HEAD was two moves ago. What is listed here is \
      kept by gc for 90 days.
      """)

  @Argument(help: "A branch or a tag (default: HEAD)")
  var name: String?

  @Option(
    name: [.customShort("n", allowingJoined: true), .customLong("max-count")],
    help: "Show so many places")
  var count = Int.max

  @OptionGroup var global: GlobalOptions

  func run() throws {
    try global.enter()
    let repository = try RepositoryContext(global).repository
    do {
      let text = name ?? "HEAD"
      guard let ref = try repository.refName(text) else {
        throw HistoryError.noSuchRef(
          "branch or tag \"\(text)\"", nearMisses: try repository.nearMisses(text))
      }
      ReflogOutput(
        name: name ?? "HEAD", entries: try repository.reflog(of: ref, limit: max(0, count))
      ).show(global)
    } catch let error as HistoryError { throw Failure(error) }
  }
}
