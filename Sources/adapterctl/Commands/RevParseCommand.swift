internal import ArgumentParser
internal import Files
internal import History
internal import JSON
internal import Storage

struct RevParse: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rev-parse",
    abstract: "Print the ids that revisions stand for",
    discussion: """
      One id in a line for each revision; REV:PATH is the tree, snapshot or file at a path. A..B \
      prints the id of B, and that of A with ^ before it.

      Exit codes: 0 printed, 1 --verify -q found nothing, 10 no repository, 64 an unknown revision.
      """)

  @Argument(help: ArgumentHelp("Revisions, REV:PATH, A..B", valueName: "revision"))
  var revisions: [String] = []

  @Flag(help: "Print 12 digits of each id")
  var short = false

  @Flag(help: "Take exactly one revision; with -q, say nothing where it is none")
  var verify = false

  @Flag(name: .customLong("show-toplevel"), help: "Print where the working tree is")
  var showTop = false

  @OptionGroup var global: GlobalOptions

  func run() throws {
    try global.enter()
    let context = try RepositoryContext(global)
    if showTop {
      let top = context.repository.root.text
      ListOutput(
        lines: [Terminal.escaped(top)],
        json: ["schema": "adapterctl.rev-parse/1", "toplevel": .string(top), "ids": []]
      ).show(global, evenIfQuiet: true)
      if revisions.isEmpty { return }
    }
    if verify, revisions.count != 1 {
      throw Failure(.usage, "verify", "--verify takes one revision, not \(revisions.count).")
    }
    var ids: [(id: ObjectID, isExcluded: Bool)] = []
    do throws(HistoryError) {
      for revision in revisions { ids += try self.ids(revision, context.repository) }
    } catch {
      if verify, global.quiet {
        throw global.untold(
          Failure(.negative, "unknown_revision", "\"\(revisions[0])\" is no revision."))
      }
      throw Failure(error)
    }
    ListOutput(
      lines: ids.map { id, isExcluded in
        (isExcluded ? "^" : "") + (short ? id.shortDigits : id.description)
      },
      json: [
        "schema": "adapterctl.rev-parse/1", "toplevel": .string(context.repository.root.text),
        "ids": .array(
          ids.map { ["id": .string($0.id.description), "excluded": .bool($0.isExcluded)] }),
      ]
    ).show(global, evenIfQuiet: true)
  }

  private func ids(
    _ revision: String, _ repository: Repository
  ) throws(HistoryError) -> [(id: ObjectID, isExcluded: Bool)] {
    if Repository.split(revision) == nil, !verify, try repository.range(revision) != nil {
      let selection = try repository.selection([revision])
      return selection.starts.map { ($0, false) } + selection.excluding.map { ($0, true) }
    }
    if revision.hasPrefix("^"), !verify {
      return [(try repository.id(named: String(revision.dropFirst())), true)]
    }
    return [(try repository.id(named: revision), false)]
  }
}
