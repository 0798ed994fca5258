internal import History
internal import JSON

/// The paths that a command changed, as they are shown.
struct PathsOutput: CommandOutput {
  /// The command, for the schema.
  let command: String
  /// What happened to the paths.
  let action: String
  let paths: [TrackedPath]
  /// What stands above them.
  var title: String?

  private var unique: [TrackedPath] { Set(paths).sorted() }

  func text(verbose: Bool) -> [String] {
    (title.map { [$0] } ?? []) + unique.map { Terminal.escaped("\(action) \($0)") }
  }

  var json: JSONValue {
    [
      "schema": .string("adapterctl.\(command)/1"),
      "paths": .array(unique.map { .string($0.text) }),
    ]
  }
}
