internal import Digests
internal import Files
internal import History
internal import JSON
internal import Storage
internal import Tensors

/// A base that was registered.
struct BaseAddOutput: CommandOutput {
  let name: String
  let registration: Registration

  func text(verbose: Bool) -> [String] {
    let sentence =
      switch registration.outcome {
      case .added: "registered \(name)"
      case .unchanged: "\(name) is registered already, with the same content"
      case .updated: "\(name) is registered with the same content; more is known of it now"
      case .replaced: "registered \(name) in place of another content"
      }
    return [sentence] + registration.base.lines
  }

  var json: JSONValue {
    var json: JSONValue = [
      "schema": "adapterctl.base-add/1", "name": .string(name),
      "outcome": .string(registration.outcome.rawValue),
      "object": .string(registration.id.description),
    ]
    registration.base.describe(in: &json)
    return json
  }
}

/// A base that was forgotten.
struct BaseRemoveOutput: CommandOutput {
  let name: String
  let base: Base

  func text(verbose: Bool) -> [String] { ["forgot \(name), which was \(base.checkpoint)"] }

  var json: JSONValue {
    [
      "schema": "adapterctl.base-remove/1", "name": .string(name),
      "id": .string(base.checkpoint.description),
    ]
  }
}

/// The registered bases.
struct BaseListOutput: CommandOutput {
  /// A base with its name and where it is.
  struct Row {
    let name: String
    let base: Base
    let path: Path?
  }

  let rows: [Row]

  func text(verbose: Bool) -> [String] {
    guard !rows.isEmpty else { return ["no base is registered"] }
    var table = TextTable(header: ["name", "id", "tensors", "size", "path"])
    for row in rows {
      table.add(
        [
          row.name, row.base.checkpoint.digest.short, Numbers.grouped(row.base.tensors.count),
          Numbers.bytes(row.base.byteCount), row.path?.text ?? "",
        ])
    }
    return table.lines
  }

  var json: JSONValue {
    [
      "schema": "adapterctl.base-list/1",
      "bases": .array(
        rows.map { row in
          var json: JSONValue = [
            "name": .string(row.name), "path": row.path.map { .string($0.text) } ?? .null,
          ]
          row.base.describe(in: &json)
          return json
        }),
    ]
  }
}

extension Base {
  /// The bytes of all its files.
  var byteCount: Int { files.values.reduce(0) { $0 + $1.byteCount } }

  /// What every answer about a base says of it.
  var lines: [String] {
    [
      "base      \(checkpoint)",
      "size      \(Numbers.count(tensors.count, "tensor")) in "
        + "\(Numbers.count(files.count, "file")), \(Numbers.bytes(byteCount))",
    ] + (source.map { [Terminal.escaped("source    \($0)")] } ?? [])
  }

  /// The same for scripts.
  func describe(in json: inout JSONValue) {
    json.set("id", to: .string(checkpoint.description))
    json.set("source", to: source.map { .string($0) } ?? .null)
    json.set("stored", to: .bool(snapshot != nil))
    json.set("tensors", to: .integer(tensors.count))
    json.set("files", to: .integer(files.count))
    json.set("bytes", to: .integer(byteCount))
  }
}
