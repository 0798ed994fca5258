internal import Digests
internal import History
internal import JSON
internal import Storage
internal import Tensors

/// Objects that are not commits, as lines for people.
enum SnapshotText {
  /// A snapshot: what it is, its base, its files.
  static func lines(
    _ id: ObjectID, _ snapshot: Snapshot, path: String?, baseName: String?
  ) -> [String] {
    let base = snapshot.base.map { id in
      baseName.map { "\($0) (\(id.digest.short))" } ?? id.description
    }
    var lines = fields([
      ("snapshot", id.description), ("path", path),
      (
        snapshot.content.rawValue,
        [snapshot.method, snapshot.format].compactMap(\.self).joined(separator: ", ")
      ),
      ("content", snapshot.contentID?.description), ("base", base ?? "unknown"),
      ("declared", snapshot.declaredBase),
      ("files", "\(snapshot.files.count), \(Numbers.bytes(snapshot.byteCount))"),
    ])
    guard !snapshot.isSingleFile else { return lines }
    let files = snapshot.files.sorted { $0.key < $1.key }
    let width = files.map { Terminal.escaped($0.key).count }.max() ?? 0
    for (name, file) in files {
      let name = Terminal.escaped(name)
      let padding = String(repeating: " ", count: width - name.count)
      lines.append("  \(name)\(padding)  \(Numbers.bytes(file.byteCount))")
    }
    return lines
  }

  /// A file: its size and digests, and the tensors in it.
  static func lines(_ id: ObjectID, _ file: FileRecord, path: String?) -> [String] {
    let tensors = file.tensors.count
    return fields([
      ("file", id.description), ("path", path), ("size", Numbers.bytes(file.byteCount)),
      ("blake3", file.digest.description), ("sha256", file.sha256.hexadecimal),
      ("tensors", tensors > 0 ? Numbers.grouped(tensors) : nil),
    ])
  }

  /// A tensor: its type, shape and size.
  static func lines(_ id: ObjectID, _ tensor: TensorObject) -> [String] {
    fields([
      ("tensor", id.description), ("type", tensor.elementType),
      ("shape", tensor.extents.map(String.init).joined(separator: "×")),
      ("size", Numbers.bytes(tensor.byteCount)), ("chunks", Numbers.grouped(tensor.chunks.count)),
    ])
  }

  /// A registered base.
  static func lines(_ id: ObjectID, _ base: Base) -> [String] {
    fields([
      ("base", id.description), ("model", base.checkpoint.description), ("source", base.source),
      ("tensors", Numbers.grouped(base.tensors.count)),
      ("files", Numbers.grouped(base.files.count)),
      ("stored", base.snapshot?.description ?? "no, known by its ids alone"),
    ])
  }

  /// A merge that was made in the repository.
  static func lines(_ id: ObjectID, _ merge: MergeRecord) -> [String] {
    fields(
      [
        ("merge", id.description), ("base", merge.base.description),
        ("merged", merge.merged.description), ("output", merge.output),
        ("date", CivilTime(merge.time).description),
      ]
        + merge.adapters.map { input in
          ("adapter", "\(input.path)=\(input.weight)  \(input.content.short)")
        })
  }

  /// Aligned pairs, without those that have no value.
  private static func fields(_ pairs: [(String, String?)]) -> [String] {
    let width = pairs.map(\.0.count).max() ?? 0
    return pairs.compactMap { word, value in
      guard let value else { return nil }
      let padding = String(repeating: " ", count: width - word.count)
      return "\(word)\(padding)  \(Terminal.escaped(value))"
    }
  }
}

extension TensorObject {
  /// The tensor as members of a document.
  var shown: JSONValue {
    [
      "dtype": .string(elementType), "shape": .array(extents.map { .integer($0) }),
      "byte_count": .integer(byteCount),
      "chunks": .array(chunks.map { .string($0.description) }),
    ]
  }
}

extension MergeRecord {
  /// The merge as members of a document.
  var shown: JSONValue {
    [
      "base": .string(base.description), "merged": .string(merged.description),
      "output": .string(output), "time": .integer(time.seconds),
      "date": .string(CivilTime(time).description),
      "adapters": .array(
        adapters.map { input in
          [
            "path": .string(input.path), "weight": .string(input.weight),
            "content": .string(input.content.description),
            "revision": input.revision.map { .string($0) } ?? .null,
          ]
        }),
    ]
  }
}
