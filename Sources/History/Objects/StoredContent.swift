public import Digests
public import Storage

/// What is stored under an id, as far as it can be shown.
public enum StoredContent: Sendable {
  /// A file's bytes.
  case file(ObjectID, FileRecord)
  /// A tensor.
  case tensor(ObjectID, TensorObject)
  /// A chunk of a file or a tensor.
  case chunk(Digest, [UInt8])
  /// An object of any other kind: a canonical document.
  case document(ObjectID, StoredObject)

  /// The id.
  public var id: Digest {
    switch self {
    case .file(let id, _), .tensor(let id, _), .document(let id, _): id.digest
    case .chunk(let digest, _): digest
    }
  }

  /// The kind of the object, or `chunk`.
  public var kind: String {
    switch self {
    case .file: ObjectKind.file.text
    case .tensor: ObjectKind.tensor.text
    case .chunk: "chunk"
    case .document(_, let object): object.kind.text
    }
  }

  /// The bytes of a file, a tensor or a chunk; of anything else those of its document.
  public var byteCount: Int {
    switch self {
    case .file(_, let file): file.byteCount
    case .tensor(_, let tensor): tensor.byteCount
    case .chunk(_, let bytes): bytes.count
    case .document(_, let object): object.payload.count
    }
  }
}

extension Repository {
  /// What a text names: an id, a revision or `REV:PATH`, or the whole id of a chunk.
  public func content(named text: String) throws(HistoryError) -> StoredContent {
    let whole = Digest(text.hasPrefix("b3:") ? text : "b3:" + text)
    if let whole {
      do throws(StorageError) {
        if try !store.contains(ObjectID(whole)), try store.contains(chunk: whole) {
          return .chunk(whole, try store.chunk(whole))
        }
      } catch { throw .storage(error) }
    }
    let id = try id(named: text)
    let object = try storedObject(id)
    switch object.kind {
    case .file: return .file(id, try FileRecord(object, id: id))
    case .tensor: return .tensor(id, try TensorObject(object, id: id))
    default: return .document(id, object)
    }
  }
}
