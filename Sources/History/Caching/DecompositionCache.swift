public import Adapters
internal import Digests
internal import Files
internal import Storage
internal import Synchronization
internal import Tensors

/// Decompositions of weights in `cache/decompositions`, one file for each tensor, named by its content
/// id: derived, checked by whoever reads them, and ignored where they are damaged.
///
/// A file is written aside and renamed, so that readers and other writers see a whole one or none; two
/// that compute the same write the same. Where there is no room, those go that this command had no use
/// for, the oldest first: never those it has used, or a base that is larger than the room would push
/// itself out each time. What cannot be written is no failure: it will be computed again.
public final class DecompositionCache: Sendable {
  /// The most bytes of the cache, unless the settings say otherwise.
  public static let defaultByteCount = 8 << 30
  /// What is left free on the disk.
  private static let reserve = 1 << 30
  private static let folder = "cache/decompositions"

  private let store: ObjectStore
  private let limit: Int
  private let used = Mutex<Set<String>>([])

  /// The repository's cache, of so many bytes at most; of 0 nothing is kept nor found.
  public init(_ repository: Repository, limit: Int = defaultByteCount) {
    store = repository.store
    self.limit = limit
  }

  /// The cache as decompositions are looked up and kept.
  public var decompositions: DecompositionStore {
    DecompositionStore(find: { self.find($0) }, keep: { self.keep($0, $1) })
  }

  private func find(_ tensor: TensorID) -> [UInt8]? {
    guard limit > 0 else { return nil }
    let name = tensor.digest.hexadecimal
    used.withLock { _ = $0.insert(name) }
    return try? store.localFile("\(Self.folder)/\(name)", limit: limit)
  }

  private func keep(_ tensor: TensorID, _ bytes: [UInt8]) {
    guard limit > 0, bytes.count <= limit else { return }
    let name = tensor.digest.hexadecimal
    let folder = store.path.appending(Self.folder)
    used.withLock { used in
      used.insert(name)
      do {
        try folder.createDirectories()
        guard try makeRoom(for: bytes.count, in: folder, besides: used),
          try folder.freeByteCount() - bytes.count > Self.reserve
        else { return }
        try store.replaceLocalFile("\(Self.folder)/\(name)", with: bytes, synced: false)
      } catch { return }
    }
  }

  /// Removes the oldest files that are not in use until there is room; whether there is.
  private func makeRoom(
    for count: Int, in folder: Path, besides used: Set<String>
  ) throws(FileError) -> Bool {
    var files: [(name: String, stamp: FileStamp)] = []
    for name in try folder.entryNames() {
      // Another command may have removed it meanwhile.
      if let stamp = try? FileStamp(folder.appending(name)) { files.append((name, stamp)) }
    }
    var total = files.reduce(0) { $0 + $1.stamp.byteCount }
    let unused = files.filter { !used.contains($0.name) }.sorted {
      $0.stamp.modified == $1.stamp.modified
        ? $0.name < $1.name : $0.stamp.modified < $1.stamp.modified
    }
    let needless = unused.reduce(0) { $0 + $1.stamp.byteCount }
    guard total - needless + count <= limit else { return false }
    for file in unused where total + count > limit {
      try? folder.appending(file.name).removeFile()
      total -= file.stamp.byteCount
    }
    return true
  }
}
