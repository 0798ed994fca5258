internal import Digests
internal import History
internal import JSON
internal import Storage
internal import Tensors

/// What stands at a revision or a path, for people and as a document.
struct ShowOutput: CommandOutput {
  /// What can be shown.
  enum Subject {
    case commit(LogOutput.Entry)
    case tag(ObjectID, Tag, LogOutput.Entry)
    case entries([ListedEntry])
    case snapshot(ObjectID, Snapshot, path: String?, baseName: String?)
    case file(ObjectID, FileRecord, path: String?, text: String?)
    case tensor(ObjectID, TensorObject)
    case base(ObjectID, Base)
    case merge(ObjectID, MergeRecord)
  }

  let subject: Subject
  let lines: LogText

  func text(verbose: Bool) -> [String] {
    switch subject {
    case .commit(let entry): lines.lines(entry.id, entry.commit, entry.changes)
    case .tag(_, let tag, let entry):
      [lines.palette.paint("tag \(tag.name)", .tag)]
        + LogText.signed("Tagger", tag.tagger, tag.time) + [""] + LogText.indented(tag.message)
        + [""] + lines.lines(entry.id, entry.commit, entry.changes)
    case .entries(let entries):
      entries.map { Terminal.escaped($0.path + ($0.content.map { " (\($0.rawValue))" } ?? "")) }
    case .snapshot(let id, let snapshot, let path, let baseName):
      SnapshotText.lines(id, snapshot, path: path, baseName: baseName)
    case .file(let id, let file, let path, _): SnapshotText.lines(id, file, path: path)
    case .tensor(let id, let tensor): SnapshotText.lines(id, tensor)
    case .base(let id, let base): SnapshotText.lines(id, base)
    case .merge(let id, let merge): SnapshotText.lines(id, merge)
    }
  }

  var json: JSONValue {
    func document(_ kind: ObjectKind, _ id: ObjectID, _ members: JSONValue) -> JSONValue {
      var json: JSONValue = [
        "schema": "adapterctl.show/1", "type": .string(kind.text), "id": .string(id.description),
      ]
      for member in members.members ?? [] { json.set(member.key, to: member.value) }
      return json
    }
    switch subject {
    case .commit(let entry):
      return document(.commit, entry.id, entry.json(lines.decorations))
    case .tag(let id, let tag, let entry):
      return document(
        .tag, id,
        [
          "name": .string(tag.name), "tagger": tag.tagger.shown,
          "time": .integer(tag.time.seconds), "date": .string(CivilTime(tag.time).description),
          "message": .string(tag.message), "commit": entry.json(lines.decorations),
        ])
    case .entries(let entries):
      return [
        "schema": "adapterctl.show/1", "type": "tree",
        "entries": .array(entries.map(\.shown)),
      ]
    case .snapshot(let id, let snapshot, let path, let baseName):
      return document(
        .snapshot, id, Self.snapshot(snapshot, path: path, baseName: baseName))
    case .file(let id, let file, let path, let text):
      return document(
        .file, id,
        [
          "path": path.map { .string($0) } ?? .null, "byte_count": .integer(file.byteCount),
          "digest": .string(file.digest.description), "sha256": .string(file.sha256.hexadecimal),
          "tensors": .array(
            file.tensors.map { ["name": .string($0.name), "id": .string($0.id.description)] }),
          "text": text.map { .string($0) } ?? .null,
        ])
    case .tensor(let id, let tensor): return document(.tensor, id, tensor.shown)
    case .base(let id, let base):
      return document(
        .base, id,
        [
          "checkpoint": .string(base.checkpoint.description),
          "source": base.source.map { .string($0) } ?? .null,
          "snapshot": base.snapshot.map { .string($0.description) } ?? .null,
          "tensor_count": .integer(base.tensors.count),
          "files": .array(base.files.keys.sorted().map { .string($0) }),
        ])
    case .merge(let id, let merge): return document(.merge, id, merge.shown)
    }
  }

  private static func snapshot(
    _ snapshot: Snapshot, path: String?, baseName: String?
  ) -> JSONValue {
    func text(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }
    return [
      "path": text(path), "kind": .string(snapshot.content.rawValue),
      "format": .string(snapshot.format), "method": text(snapshot.method),
      "content": text(snapshot.contentID?.description), "base": text(snapshot.base?.description),
      "base_name": text(baseName), "declared_base": text(snapshot.declaredBase),
      "byte_count": .integer(snapshot.byteCount),
      "files": .array(
        snapshot.files.sorted { $0.key < $1.key }.map { name, file in
          [
            "path": .string(name), "byte_count": .integer(file.byteCount),
            "id": .string(file.file.description),
          ]
        }),
    ]
  }
}

extension ListedEntry {
  /// The entry as a member of documents.
  var shown: JSONValue {
    [
      "path": .string(path), "type": .string(kind.text), "id": .string(id.description),
      "kind": content.map { .string($0.rawValue) } ?? .null,
      "byte_count": byteCount.map { .integer($0) } ?? .null,
    ]
  }
}
