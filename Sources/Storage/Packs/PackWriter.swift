internal import Digests
internal import Files

/// A pack on its way: records are appended to a temporary file, which is published under its digest.
final class PackWriter {
  private let files: any StoreFiles
  private let paths: StorePaths
  private let temporary: Path
  private let file: any StoreFileWriting
  private var hasher = BLAKE3.Hasher()
  private var pending = PackFormat.header
  private var isPublished = false
  private(set) var byteCount = PackFormat.header.count
  private(set) var entries: [PackEntry] = []

  init(files: any StoreFiles, paths: StorePaths) throws(StorageError) {
    self.files = files
    self.paths = paths
    temporary = paths.newTemporary()
    do { file = try files.create(temporary) } catch { throw .file(error) }
  }

  deinit { if !isPublished { try? files.remove(temporary) } }

  /// Whether the next record belongs into another pack.
  var isFull: Bool {
    byteCount >= PackFormat.softByteCount || entries.count == PackFormat.maximumEntryCount
  }

  /// Appends a record whose key is not in the pack yet.
  func append(_ record: FinishedRecord) throws(StorageError) {
    entries.append(
      PackEntry(
        key: record.key,
        depth: record.depth,
        offset: byteCount,
        byteCount: record.bytes.count,
        check: record.check
      )
    )
    byteCount += record.bytes.count
    pending += record.bytes
    if pending.count >= 1 << 20 { try flush() }
  }

  /// Finishes the file, syncs it, and gives it its name; returns once that name is on the disk.
  func publish() throws(StorageError) -> Digest {
    pending += PackFooter.tail(of: entries, at: byteCount)
    try flush()
    let name = hasher.digest
    do throws(FileError) {
      try file.sync()
      do throws(FileError) {
        try files.link(temporary, as: paths.pack(name))
      } catch {
        guard case .exists = error else { throw error }
        // The same bytes are there already, or were: the name says which they must be.
        if !isWhole(name) { try files.rename(temporary, over: paths.pack(name)) }
      }
      try files.syncNames(in: paths.packs)
    } catch { throw .file(error) }
    isPublished = true
    try? files.remove(temporary)
    return name
  }

  private func isWhole(_ name: Digest) -> Bool {
    (try? PackFile(name, files: files, paths: paths).digest()) == name
  }

  private func flush() throws(StorageError) {
    hasher.update(pending)
    do { try file.append(pending) } catch { throw .file(error) }
    pending.removeAll(keepingCapacity: true)
  }
}
