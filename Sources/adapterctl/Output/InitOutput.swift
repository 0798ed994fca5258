internal import Files
internal import JSON

/// A repository that was made or found, as it is shown.
struct InitOutput: CommandOutput {
  /// Where it is, as the user named it.
  let directory: Path
  let root: Path
  let existed: Bool

  func text(verbose: Bool) -> [String] {
    [
      Terminal.escaped(
        "\(existed ? "there is a repository already in" : "made a repository in") \(directory)")
    ]
  }

  var json: JSONValue {
    ["schema": "adapterctl.init/1", "root": .string(root.text), "existed": .bool(existed)]
  }
}
