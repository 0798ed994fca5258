internal import Adapters
internal import ArgumentParser
internal import Files
internal import History
internal import Storage
internal import Tensors

struct Log: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "log",
    abstract: "Show the history of commits",
    discussion: """
      The newest commit comes first. With paths, only commits are shown that changed something at \
      or below one of them, compared with their first parent. --stat names the adapters and files \
      that a commit changed, how many tensors of each, and, from their weights, how far each kind \
      of module moved: the Frobenius norm of the difference to the parent's change.

      --merged also holds the model's files to the receipt.

      Exit codes: 0 shown, 1 the merged model was changed since, 10 no repository, 64 an unknown \
      revision.
      """)

  @OptionGroup var selection: LogArguments

  @Flag(help: "One line for each commit: 12 digits of its id, names, subject")
  var oneline = false

  @Flag(help: "Draw the lines of branches beside the commits")
  var graph = false

  @Flag(help: "Show what each commit changed")
  var stat = false

  @Option(
    help: ArgumentHelp(
      "Show instead what is in a merged model, by its receipt", valueName: "directory"),
    completion: .directory)
  var merged: String?

  @Flag(name: .customLong("merges"), help: "List instead the merges that were made here")
  var listsMerges = false

  @OptionGroup var compute: ComputeOptions
  @OptionGroup var global: GlobalOptions

  func run() throws {
    try global.enter()
    let context = try RepositoryContext(global)
    if merged != nil || listsMerges { return try showMerges(context) }
    let query = try selection.query(context)
    let lines: LogText
    do {
      lines = LogText(
        decorations: try Decorations(context.repository), palette: global.palette,
        isOneLine: oneline)
    } catch { throw Failure(error) }
    try Pager.around(global) {
      do throws(HistoryError) {
        if global.json {
          var entries: [LogOutput.Entry] = []
          try forEach(context.repository, query) { entry, _ in entries.append(entry) }
          LogOutput(entries: entries, lines: lines).show(global)
        } else if !global.quiet {
          try write(context.repository, query, lines)
        }
      } catch { throw Failure(error) }
    }
  }

  /// Writes each commit as soon as it is read.
  private func write(
    _ repository: Repository, _ query: LogQuery, _ text: LogText
  ) throws(HistoryError) {
    var drawing = GraphDrawing()
    var gap: String?
    try forEach(repository, query) { entry, parents in
      if let gap { Terminal.write(gap) }
      let lines = text.lines(entry.id, entry.commit, entry.changes)
      guard let parents else {
        for line in lines { Terminal.write(line) }
        if !oneline { gap = "" }
        return
      }
      let drawn = drawing.add(entry.id, parents: parents)
      for index in 0..<max(lines.count, drawn.rows.count) {
        let row = index < drawn.rows.count ? drawn.rows[index] : drawn.rest
        Terminal.write(index < lines.count ? Self.beside(row, lines[index]) : Self.beside(row, ""))
      }
      if !oneline { gap = Self.beside(drawn.rest, "") }
    }
  }

  /// Hands over the commits one by one; with their parents in the graph, where it is drawn.
  private func forEach(
    _ repository: Repository, _ query: LogQuery,
    _ body: (LogOutput.Entry, [ObjectID]?) -> Void
  ) throws(HistoryError) {
    func entry(_ id: ObjectID, _ commit: Commit) throws(HistoryError) -> LogOutput.Entry {
      LogOutput.Entry(
        id: id, commit: commit,
        changes: stat
          ? try repository.changes(of: commit, within: query.paths, measuring: Execution()) : nil)
    }
    if graph {
      for next in try repository.graph(query) {
        body(try entry(next.id, next.commit), next.parents)
      }
    } else {
      var log = try CommitLog(repository, query)
      while let (id, commit) = try log.next() { body(try entry(id, commit), nil) }
    }
  }

  private static func beside(_ row: String, _ line: String) -> String {
    var joined = row + " " + line
    while joined.last == " " { joined.removeLast() }
    return joined
  }

  private func showMerges(_ context: RepositoryContext) throws {
    let repository = context.repository
    do {
      guard let merged else {
        return try MergesOutput(try repository.merges(), repository: repository).show(global)
      }
      let path = Path(merged)
      // Says that there is no receipt before anything is read.
      do { _ = try MergeReceipt(of: path) } catch { throw HistoryError.adapter(error) }
      let files: Checkpoint
      do { files = try Checkpoint(opening: path) } catch { throw Failure(error) }
      let contents = try compute.hashing(files, global) { execution in
        try BaseContents(of: files, cache: context.digestCache(), execution: execution)
      }
      let model = try repository.mergedModel(at: path, holding: contents)
      try MergedOutput(path: path, model: model, repository: repository).show(global)
      if !model.isUnchanged { throw ExitCode(ExitStatus.negative.rawValue) }
    } catch let error as HistoryError { throw Failure(error) }
  }
}
