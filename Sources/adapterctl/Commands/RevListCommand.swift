internal import ArgumentParser
internal import History
internal import JSON
internal import Storage

struct RevList: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rev-list",
    abstract: "Print the ids of commits",
    discussion: """
      The ids that log would show, one in a line, the newest first.

      Exit codes: 0 printed, 10 no repository, 64 an unknown revision.
      """)

  @OptionGroup var selection: LogArguments

  @Flag(help: "Print how many there are")
  var count = false

  @OptionGroup var global: GlobalOptions

  func run() throws {
    try global.enter()
    let context = try RepositoryContext(global)
    guard selection.all || !selection.operands.isEmpty else {
      throw Failure(
        .usage, "no_revision", "rev-list needs a revision.", hint: "name HEAD, or --all")
    }
    let query = try selection.query(context)
    var number = 0
    var ids: [JSONValue] = []
    do throws(HistoryError) {
      var log = try CommitLog(context.repository, query)
      while let (id, _) = try log.next() {
        number += 1
        if global.json {
          if !count { ids.append(.string(id.description)) }
        } else if !count {
          Terminal.write(id.description)
        }
      }
    } catch { throw Failure(error) }
    guard global.json || count else { return }
    ListOutput(
      lines: [String(number)],
      json: [
        "schema": "adapterctl.rev-list/1", "count": .integer(number), "commits": .array(ids),
      ]
    ).show(global, evenIfQuiet: true)
  }
}
