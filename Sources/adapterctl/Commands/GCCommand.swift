internal import ArgumentParser
internal import History
internal import Storage

struct GCCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gc",
    abstract: "Join packs and remove what nothing needs",
    discussion: """
      Keeps all that a ref leads to, or led to in the last 90 days. The rest is condemned first, and \
      deleted by a gc two weeks later: no other command can be in the middle of using it then. \
      --prune=now deletes it at once; use that only where nobody else works in this repository.

      Exit codes: 0 done, 10 no repository, 11 somebody is writing, 15 the repository is damaged.
      """)

  @Flag(name: [.customShort("n"), .customLong("dry-run")], help: "Only say what would be done")
  var dryRun = false

  @Option(help: ArgumentHelp("Delete at once what nothing needs: now", valueName: "when"))
  var prune: PruneTime?

  @OptionGroup var global: GlobalOptions

  func run() throws {
    try global.enter()
    let context = try RepositoryContext(global)
    var options =
      prune == .now ? GarbageCollectionOptions.pruningNow : GarbageCollectionOptions()
    options.isDryRun = dryRun
    do {
      let report = try context.repository.cleanUp(act: try context.act("gc"), options: options)
      GCOutput(report: report, isDryRun: dryRun).show(global)
    } catch let error as HistoryError {
      guard case .storage(.locked) = error else { throw Failure(error) }
      throw Failure(
        .locked, "locked", "Another command is writing to this repository, or cleaning it up.",
        hint: "try again in a moment")
    }
  }
}

/// When condemned packs are deleted.
enum PruneTime: String, ExpressibleByArgument, CaseIterable {
  case now
}
