internal import Adapters
internal import Files
internal import History
internal import JSON
internal import Storage

extension Diff {
  /// Shows what revisions differ by. A drawing and a table of weights are of one path.
  func show(_ output: TreeDiffOutput) throws {
    guard difference.csv || difference.plot != nil else { return output.show(global) }
    let compared = output.rows.filter { $0.comparison != nil }
    guard compared.count == 1, let comparison = compared.first?.comparison else {
      throw Failure(
        compared.isEmpty ? .negative : .usage, "one_path",
        "--csv and --plot are of one path, and "
          + (compared.isEmpty
            ? "no path has weights on both sides that differ."
            : "\(compared.count) differ: "
              + compared.prefix(3).map(\.change.path.text).joined(separator: ", ")
              + (compared.count > 3 ? " and others." : ".")),
        hint: compared.isEmpty ? nil : "name one behind the revisions")
    }
    try difference.draw(comparison.comparison)
    if difference.csv { write(comparison) } else { output.show(global) }
  }

  /// Writes the weights of a comparison as comma-separated values.
  func write(_ output: DiffOutput) {
    for line in DiffCSV(comparison: output.comparison, style: output.style).lines {
      Terminal.write(line)
    }
  }

  /// The paths that differ between a tree and another or the working tree, each compared.
  func rows(
    from old: ObjectID?, to new: DiffOperands.Side, _ paths: [String]
  ) throws -> [TreeDiffOutput.Row] {
    let context = try RepositoryContext(global)
    let repository = context.repository
    let differences: [PathDifference]
    switch new {
    case .tree(let new):
      differences = try repository.differences(from: old, to: new, below: paths)
    case .workingTree:
      differences = try repository.workingDifferences(
        from: old, below: paths, cache: context.digestCache())
    }
    return try differences.map { difference in
      var what = "file"
      for case .snapshot(_, let snapshot)? in [difference.new, difference.old] {
        what = StagingOutput.what(snapshot) + (snapshot.hasUnknownBase ? ", base unknown" : "")
        break
      }
      return try row(difference, what, in: repository)
    }
  }

  /// What is said of a path: a comparison of both sides, or, where one of them cannot be read, why
  /// that is and how the settings differ.
  private func row(
    _ difference: PathDifference, _ what: String, in repository: Repository
  ) throws -> TreeDiffOutput.Row {
    var row = TreeDiffOutput.Row(change: difference.change, what: what)
    guard let old = try place(difference.old, difference.change.path, repository),
      let new = try place(difference.new, difference.change.path, repository)
    else { return row }
    let name = Path(difference.change.path.text)
    do {
      row.comparison = try output(
        try ComparedSide(opening: old, as: name), try ComparedSide(opening: new, as: name))
    } catch let error as AdapterError {
      switch error {
      case .file, .interrupted: throw error
      default:
        row.note = OpenOperands.named(Failure(error)).message
        // Of a file that cannot be parsed, nothing is known to be gone.
        if let before = Self.settings(old), let after = Self.settings(new) {
          row.settings = ConfigurationChange.changes(from: before, to: after)
        }
      }
    }
    return row
  }

  /// The settings of an adapter that cannot be read as one.
  private static func settings(_ folder: Path) -> JSONValue? {
    let path = folder.appending("adapter_config.json")
    return (try? FileReader.contents(of: path, limit: 1 << 20)).flatMap {
      try? JSONValue(parsing: $0)
    }
  }

  /// Where the files of a side are; nil where it is missing or a plain file.
  private func place(
    _ content: PathContent?, _ path: TrackedPath, _ repository: Repository
  ) throws -> Path? {
    switch content {
    case .working(let path): return RepositoryContext(repository, global).shown(path)
    case .snapshot(let id, let snapshot):
      guard snapshot.content != .file else { return nil }
      let files = try Materialised(id, named: path.text, in: repository, execution: Execution())
      OpenOperands.keep(files)
      return files.path
    case nil: return nil
    }
  }
}
