public import Storage

extension Repository {
  /// The id of what a text names: a revision as `object(_:)` takes it, or `REV:PATH` for the tree, the
  /// snapshot or the file at a path.
  public func id(named text: String) throws(HistoryError) -> ObjectID {
    guard let (revision, path) = Self.split(text) else { return try object(text) }
    switch try place(revision, path: path) {
    case .snapshot(let id, _), .file(let id, _, _): return id
    case .folder(let tree, let path):
      guard path.isEmpty else { throw .folderWithoutID(text) }
      return tree
    }
  }

  /// A stored object of any kind.
  public func storedObject(_ id: ObjectID) throws(HistoryError) -> StoredObject {
    do { return try store.object(id) } catch { throw .storage(error) }
  }
}
