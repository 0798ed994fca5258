internal import Digests
public import Storage

/// What the objects of a repository refer to, for the store's walks.
public enum HistoryReferences {
  /// The references of an object of any kind that FORMAT.md names; none for kinds it does not name.
  public static func of(_ object: StoredObject) throws(StorageError) -> [Reference] {
    let id = object.id
    do throws(HistoryError) {
      switch object.kind {
      case .tensor: return try TensorObject(object, id: id).references
      case .file: return try FileRecord(object, id: id).references
      case .snapshot: return try Snapshot(object, id: id).references
      case .tree: return try TreeNode(object, id: id).references
      case .commit: return try Commit(object, id: id).references
      case .tag: return try Tag(object, id: id).references
      case .base: return try Base(object, id: id).references
      case .merge: return try MergeRecord(object, id: id).references
      default: return []
      }
    } catch { throw .wrongContent(id.digest) }
  }
}
