internal import Adapters
internal import History
internal import JSON

/// The paths that differ between two states, as they are shown.
struct TreeDiffOutput: CommandOutput {
  /// A path, and the comparison of what was there with what is.
  struct Row {
    let change: Status.Change
    let what: String
    /// Nil where a side is missing, has no tensors or cannot be read.
    var comparison: DiffOutput?
    /// Why a side cannot be read.
    var note: String?
    /// The settings that differ, where the sides cannot be compared.
    var settings: [ConfigurationChange] = []

    init(change: Status.Change, what: String) {
      self.change = change
      self.what = what
    }
  }

  let rows: [Row]

  /// Whether the states differ, as an exit code tells it: with a tolerance, adapters within it do not.
  func differs(tolerates: Bool) -> Bool {
    tolerates ? rows.contains { $0.comparison?.differs ?? true } : !rows.isEmpty
  }

  func text(verbose: Bool) -> [String] {
    if rows.isEmpty { return [DiffOutput.nothing] }
    return rows.flatMap { row -> [String] in
      var title = "\(row.change.path): \(row.change.kind.rawValue) \(row.what)"
      let files = row.change.files.filter { !$0.key.isEmpty }.sorted { $0.key < $1.key }
      if !files.isEmpty {
        title +=
          " ("
          + files.map { $0.value == .modified ? $0.key : "\($0.key) \($0.value.rawValue)" }
          .joined(separator: ", ") + ")"
      }
      // The sides are said by the title, and so is that the files differ, if not the weights.
      var body = row.comparison.map { Array($0.text(verbose: verbose).dropFirst(2)) } ?? []
      body.removeAll { $0 == DiffOutput.nothing }
      return [Terminal.escaped(title)] + body + settings(row)
        + (row.note.map { ["note: " + Terminal.escaped($0)] } ?? [])
    }
  }

  private func settings(_ row: Row) -> [String] {
    guard !row.settings.isEmpty else { return [] }
    return DiffOutput.table(of: row.settings).fittedLines()
  }

  var json: JSONValue {
    [
      "schema": "adapterctl.diff-tree/1", "identical": .bool(rows.isEmpty),
      "paths": .array(
        rows.map { row in
          [
            "path": .string(row.change.path.text), "change": .string(row.change.kind.rawValue),
            "what": .string(row.what),
            "files": .object(
              row.change.files.sorted { $0.key < $1.key }
                .map { .init($0.key, .string($0.value.rawValue)) }),
            "comparison": row.comparison?.json ?? .null,
            "settings": .array(row.settings.map(DiffOutput.json)),
            "note": row.note.map { .string($0) } ?? .null,
          ]
        }),
    ]
  }
}
