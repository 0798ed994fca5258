internal import Digests
internal import Files
internal import History
internal import JSON
internal import Tensors

/// What is registered of a base.
struct BaseShowOutput: CommandOutput {
  /// What can be said of the base's files without reading them.
  enum State: String {
    /// They have not changed since they were hashed, and are the registered ones.
    case same
    /// They have not changed since they were hashed, and are others.
    case different
    /// They have changed since they were hashed, or never were.
    case unchecked
    /// There are none.
    case missing

    var words: String {
      switch self {
      case .same: "unchanged"
      case .different: "not the registered base any more"
      case .unchecked: "changed since it was hashed, or never hashed here"
      case .missing: "not there"
      }
    }
  }

  let name: String
  let base: Base
  let path: Path?
  let state: State
  let model: Checkpoint?

  func text(verbose: Bool) -> [String] {
    var lines = [Terminal.escaped("name      \(name)")] + base.lines
    if let architecture { lines.append(Terminal.escaped("kind      \(architecture)")) }
    lines.append(
      Terminal.escaped("path      \(path.map { "\($0), \(state.words)" } ?? "not known here")"))
    guard verbose else { return lines }
    var files = TextTable(header: ["file", "size", "digest"])
    for (name, file) in base.files.sorted(by: { $0.key < $1.key }) {
      files.add([name, Numbers.bytes(file.byteCount), file.digest?.short ?? "by its tensors"])
    }
    var tensors = TextTable(header: ["tensor", "id"])
    for (name, id) in base.tensors.sorted(by: { $0.key < $1.key }) {
      tensors.add([name.text, id.digest.short])
    }
    return lines + files.lines + tensors.lines
  }

  var json: JSONValue {
    var json: JSONValue = [
      "schema": "adapterctl.base-show/1", "name": .string(name),
      "path": path.map { .string($0.text) } ?? .null, "state": .string(state.rawValue),
      "architecture": architecture.map { .string($0) } ?? .null,
    ]
    base.describe(in: &json)
    json.set(
      "file_list",
      to: .array(
        base.files.sorted { $0.key < $1.key }.map { name, file in
          [
            "name": .string(name), "bytes": .integer(file.byteCount),
            "digest": file.digest.map { .string($0.description) } ?? .null,
            "sha256": file.sha256.map { .string($0.hexadecimal) } ?? .null,
          ]
        }))
    json.set(
      "tensor_ids",
      to: .object(
        base.tensors.sorted { $0.key < $1.key }.map {
          .init($0.key.text, .string($0.value.description))
        }))
    return json
  }

  /// What its configuration calls it, where that is at hand.
  private var architecture: String? {
    model?.config?["architectures"]?.elements?.first?.string
      ?? model?.config?["model_type"]?.string
  }
}
