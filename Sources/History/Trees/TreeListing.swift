public import Storage

/// A line of a tree's listing: a snapshot, or a file of one.
public struct ListedEntry: Hashable, Sendable {
  /// Its path below the top of the working tree.
  public let path: String
  /// The object: a snapshot's or a file's.
  public let id: ObjectID
  /// The kind of the object.
  public let kind: ObjectKind
  /// What the snapshot is; nil for a file, and where details were not asked for.
  public let content: Snapshot.Content?
  /// The bytes of all its files; nil where details were not asked for.
  public let byteCount: Int?
}

extension Repository {
  /// What stands at `REV` or `REV:PATH`, sorted by path: the snapshots, or all their files. A snapshot
  /// that is named itself is listed by its files.
  ///
  /// Without `details` and `files`, no snapshot is read.
  public func listing(
    _ text: String, files: Bool, details: Bool
  ) throws(HistoryError) -> [ListedEntry] {
    let (revision, path) = try Self.parts(of: text)
    switch try place(revision, path: path) {
    case .folder(let tree, let path):
      return try listing(of: tree, within: path, files: files, details: details)
    case .snapshot(let id, let path):
      return self.files(of: try read(Snapshot.self, id), at: path)
    case .file(let id, let path, let owner):
      let file = try read(Snapshot.self, owner).files.values.first { $0.file == id }
      return [
        ListedEntry(path: path, id: id, kind: .file, content: nil, byteCount: file?.byteCount)
      ]
    }
  }

  /// The snapshots of a tree at and below a path, or all their files.
  public func listing(
    of tree: ObjectID, within path: String = "", files: Bool, details: Bool
  ) throws(HistoryError) -> [ListedEntry] {
    var found: [ListedEntry] = []
    for (path, id) in try trees.entries(of: tree, within: path) {
      guard files || details else {
        found.append(
          ListedEntry(path: path.text, id: id, kind: .snapshot, content: nil, byteCount: nil))
        continue
      }
      let snapshot = try read(Snapshot.self, id)
      if files {
        found += self.files(of: snapshot, at: path)
      } else {
        found.append(
          ListedEntry(
            path: path.text, id: id, kind: .snapshot, content: snapshot.content,
            byteCount: snapshot.byteCount))
      }
    }
    return found
  }

  private func files(of snapshot: Snapshot, at path: TrackedPath) -> [ListedEntry] {
    snapshot.files.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
      .map { name, file in
        ListedEntry(
          path: name.isEmpty ? path.text : path.text + "/" + name, id: file.file, kind: .file,
          content: nil, byteCount: file.byteCount)
      }
  }
}
