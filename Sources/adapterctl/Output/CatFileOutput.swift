internal import Digests
internal import History
internal import JSON
internal import Storage

/// A stored object as a document: its kind and size, and what it says.
struct CatFileOutput: CommandOutput {
  let content: StoredContent
  let lines: [String]

  func text(verbose: Bool) -> [String] { lines }

  var json: JSONValue {
    var json: JSONValue = [
      "schema": "adapterctl.cat-file/1", "id": .string(content.id.description),
      "type": .string(content.kind), "size": .integer(content.byteCount),
    ]
    switch content {
    case .file(_, let file): json.set("content", to: Self.document(file.object))
    case .tensor(_, let tensor): json.set("content", to: tensor.shown)
    case .document(_, let object): json.set("content", to: Self.document(object))
    case .chunk: json.set("content", to: .null)
    }
    return json
  }

  private static func document(_ object: StoredObject) -> JSONValue {
    (try? JSONValue(parsing: object.payload)) ?? .null
  }
}
