internal import Adapters
internal import ArgumentParser
internal import Files
internal import History
internal import Storage

struct FsckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fsck",
    abstract: "Check that the repository is whole",
    discussion: """
      Follows every ref through commits, adapters, files and tensors, and checks that all of it is \
      there and well-formed, and that every stored record has the bytes that were written. --full also \
      decodes all of the store, and compares every file with its digest; --subset 2/10 does that for \
      the second tenth, so that ten runs read everything once. \
      --fast looks at the store's own files alone. What is damaged is named with the commit, the \
      adapter, the file and the tensor that it belongs to, and so are the versions that cannot be \
      given back whole. Nothing is changed without --repair, which takes damaged packs out of use, \
      keeps what is sound in them, and looks for the rest in the repositories named by --from. Damaged \
      or missing entries of the log come back from a copy of the repository; without one the log \
      starts anew with the refs that its other entries tell, and commits that no branch leads to \
      get refs below refs/lost/. Staging a file again also heals what was damaged of it.

      Exit codes: 0 nothing is wrong, 1 something is, 10 no repository, 130 interrupted.
      """)

  @Flag(help: "Check the store's own files and the log alone")
  var fast = false

  @Flag(help: "Decode everything, and compare every file with its digest")
  var full = false

  @Option(
    help: ArgumentHelp("Read the bytes of one part only, such as 2/10", valueName: "part"))
  var subset: StoreSubset?

  @Flag(help: "Set damaged packs aside, save what is sound in them, then check")
  var repair = false

  @Option(
    help: ArgumentHelp(
      "With --repair, take what is lost from this repository; may be repeated",
      valueName: "repository"), completion: .directory)
  var from: [String] = []

  @OptionGroup var compute: ComputeOptions
  @OptionGroup var global: GlobalOptions

  func validate() throws {
    if [fast, full, subset != nil].count(where: { $0 }) > 1 {
      throw ValidationError("Give one of --fast, --full and --subset.")
    }
    if !from.isEmpty, !repair { throw ValidationError("--from goes with --repair.") }
  }

  private var level: CheckLevel {
    if let subset { return .subset(subset.number - 1, of: subset.count) }
    return full ? .full : fast ? .fast : .usual
  }

  func run() throws {
    try global.enter()
    let context = try RepositoryContext(global)
    let repository = context.repository
    let progress = global.progressLine("checking", totalByteCount: 0)
    do {
      defer { progress.finish() }
      var repaired: RepositoryRepair?
      if repair {
        let others = try from.map { try Repository(around: Path($0)) }
        repaired = try repository.repair(from: others, act: try context.act("fsck --repair"))
      }
      let report = try repository.check(level, execution: try compute.execution(progress))
      progress.finish()
      FsckOutput(report: report, level: level, repaired: repaired).show(global)
      if !report.isClean { throw ExitCode(ExitStatus.negative.rawValue) }
    } catch let error as HistoryError { throw Failure(error) }
  }
}

/// One part of several, as `n/t`.
struct StoreSubset: ExpressibleByArgument {
  let number: Int
  let count: Int

  init?(argument: String) {
    let parts = argument.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let number = Int(parts[0]), let count = Int(parts[1]),
      (1...65_536).contains(count), (1...count).contains(number)
    else { return nil }
    self.number = number
    self.count = count
  }
}
