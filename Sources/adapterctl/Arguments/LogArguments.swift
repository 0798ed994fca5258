internal import ArgumentParser
internal import Files
internal import History

/// Which commits a command walks through: what `log` and `rev-list` have in common.
struct LogArguments: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "Where to begin (default: HEAD): revisions, A..B, ^REV to leave out; then paths, behind -- "
        + "where a path is also a revision",
      valueName: "revision"))
  var operands: [String] = []

  @Option(
    name: .customLong("path"),
    help: ArgumentHelp(
      "Only commits that change something at or below this path; paths behind -- mean the same",
      valueName: "path"),
    completion: .file())
  var paths: [String] = []

  @Option(
    name: [.customShort("n", allowingJoined: true), .customLong("max-count")],
    help: ArgumentHelp("At most this many commits; -N is the same", valueName: "count"))
  var limit: Int?

  @Flag(help: "Begin at all branches and tags")
  var all = false

  @Option(
    help: ArgumentHelp(
      "Only commits whose author's name or address has this text in it",
      valueName: "text"))
  var author: String?

  @Option(help: ArgumentHelp("Only commits whose message has this text in it", valueName: "text"))
  var grep: String?

  @Option(
    help: ArgumentHelp(
      "Only commits from this time on: 2026-11-21, 2026-11-21T09:30, yesterday, \"3 days ago\" (UTC)",
      valueName: "time"))
  var since: TimeArgument?

  @Option(
    help: ArgumentHelp("Only commits up to this time; of a day, its end", valueName: "time"))
  var until: TimeArgument?

  func validate() throws {
    if let limit, limit < 0 { throw ValidationError("-n takes a number from 0 on.") }
  }

  /// What is asked for, in a repository.
  func query(_ context: RepositoryContext) throws -> LogQuery {
    var (revisions, named) = try split(context.repository)
    named += paths
    do throws(HistoryError) {
      if revisions.isEmpty, !all { revisions = ["HEAD"] }
      var selection = try context.repository.selection(revisions)
      if all { selection.starts += try context.repository.allTips() }
      if selection.starts.isEmpty, !all {
        selection.starts = [try context.repository.commit("HEAD")]
      }
      var query = LogQuery(
        from: selection.starts, excluding: selection.excluding, limit: limit, author: author,
        text: grep)
      query.since = since?.moment(now: Clock.now).first
      query.until = until?.moment(now: Clock.now).last
      for path in named { query.paths.append(try context.repository.relative(Path(path))) }
      return query
    } catch { throw Failure(error) }
  }

  /// The operands before and from the first one that is no revision but a path that exists.
  private func split(
    _ repository: Repository
  ) throws -> (revisions: [String], paths: [String]) {
    for (index, operand) in operands.enumerated() {
      do throws(HistoryError) {
        _ = try repository.selection([operand])
      } catch {
        guard case .unknownRevision(let text, let nearMisses) = error else { throw Failure(error) }
        guard Path(operand).kind != nil else {
          throw Failure(
            .usage, "unknown_revision", "\"\(text)\" is no revision, and no path that exists.",
            hint: Failure.didYouMean(nearMisses) ?? "name a path that is gone behind --")
        }
        return (Array(operands[..<index]), Array(operands[index...]))
      }
    }
    return (operands, [])
  }
}
