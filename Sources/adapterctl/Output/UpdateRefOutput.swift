internal import JSON
internal import Storage

/// A ref that plumbing moved: scripts are told by the exit code, and by a document.
struct UpdateRefOutput: CommandOutput {
  let name: RefName
  let old: RefValue?
  let new: ObjectID?

  func text(verbose: Bool) -> [String] { [] }

  var json: JSONValue {
    [
      "schema": "adapterctl.update-ref/1", "ref": .string(name.text),
      "old": old.map { .string($0.description) } ?? .null,
      "new": new.map { .string($0.description) } ?? .null,
    ]
  }
}
