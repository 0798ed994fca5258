internal import Digests
internal import History
internal import JSON
internal import Storage

/// The tags, as they are shown.
struct TagOutput: CommandOutput {
  private let rows: [(tag: TagEntry, subject: String)]

  init(tags: [TagEntry], repository: Repository) throws {
    rows = try tags.map { ($0, try repository.read(Commit.self, $0.commit).subject) }
  }

  func text(verbose: Bool) -> [String] {
    let width = rows.map(\.tag.name.count).max() ?? 0
    return rows.map { tag, subject in
      let padding = String(repeating: " ", count: width - tag.name.count)
      let what = tag.annotation.map { Message($0.message).subject } ?? subject
      return Terminal.escaped("\(tag.name)\(padding)  \(tag.commit.digest.short) \(what)")
    }
  }

  var json: JSONValue {
    [
      "schema": "adapterctl.tag/1",
      "tags": .array(
        rows.map { tag, subject in
          [
            "name": .string(tag.name), "object": .string(tag.object.description),
            "commit": .string(tag.commit.description), "subject": .string(subject),
            "message": tag.annotation.map { .string($0.message) } ?? .null,
            "tagger": tag.annotation.map { .string($0.tagger.description) } ?? .null,
            "time": tag.annotation.map { .integer($0.time.seconds) } ?? .null,
          ]
        }),
    ]
  }
}

/// A tag that was made, moved or deleted, as it is shown.
struct TagMoveOutput: CommandOutput {
  let name: String
  let old: ObjectID?
  let new: ObjectID?

  func text(verbose: Bool) -> [String] {
    let from = old.map { " (was \($0.digest.short))" } ?? ""
    guard let new else { return [Terminal.escaped("deleted \(name)\(from)")] }
    return [Terminal.escaped("\(name) is \(new.digest.short)\(old == new ? "" : from)")]
  }

  var json: JSONValue {
    [
      "schema": "adapterctl.tag-move/1", "name": .string(name),
      "old": old.map { .string($0.description) } ?? .null,
      "new": new.map { .string($0.description) } ?? .null,
    ]
  }
}
