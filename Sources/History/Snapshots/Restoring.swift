public import Adapters
internal import Digests
public import Files
internal import Parallel
public import Storage
internal import Tensors

/// Gives stored files back, byte for byte.
public struct Restoring: Sendable {
  let repository: Repository
  let execution: Execution

  /// Restores from a repository.
  public init(_ repository: Repository, execution: Execution) {
    self.repository = repository
    self.execution = execution
  }

  /// Writes a snapshot outside of the working tree: a folder that appears whole, or a file.
  ///
  /// Throws `exists` where something stands there, unless `replacing` allows it.
  public func write(
    _ id: ObjectID, to destination: Path, replacing: Bool = false
  ) throws(HistoryError) {
    let snapshot = try repository.read(Snapshot.self, id)
    if let file = snapshot.files[""] {
      try write(file: file.file, to: destination, replacing: replacing)
      return
    }
    try write(
      files: snapshot.files.mapValues(\.file), to: destination, replacing: replacing)
  }

  /// Writes all snapshots of a folder of a tree, below `prefix`, as one folder that appears whole.
  public func write(
    _ entries: [(path: TrackedPath, snapshot: ObjectID)], below prefix: String,
    to destination: Path, replacing: Bool
  ) throws(HistoryError) {
    var files: [String: ObjectID] = [:]
    for (path, id) in entries {
      let skipped = prefix.isEmpty ? 0 : prefix.utf8.count + 1
      let name = String(decoding: path.text.utf8.dropFirst(skipped), as: UTF8.self)
      for (file, stored) in try repository.read(Snapshot.self, id).files {
        files[file.isEmpty ? name : name + "/" + file] = stored.file
      }
    }
    try write(files: files, to: destination, replacing: replacing)
  }

  /// Writes files by their names below a folder that appears whole.
  private func write(
    files: [String: ObjectID], to destination: Path, replacing: Bool
  ) throws(HistoryError) {
    do {
      let staged = try StagedDirectory(for: destination, replacing: replacing)
      do {
        for (name, file) in files.sorted(by: { $0.key < $1.key }) {
          try create(file, at: staged.path.appending(name))
        }
        try Self.syncFolders(of: files.keys.map { $0 }, in: staged.path)
        try staged.publish(replacing: replacing)
      } catch let error as HistoryError {
        throw error.renaming(staged.path, to: destination)
      } catch let error as FileError {
        throw HistoryError.file(error.renaming(staged.path, to: destination))
      }
    } catch let error as HistoryError {
      throw error
    } catch let error as FileError {
      throw .file(error)
    } catch { preconditionFailure("restoring throws these two errors only") }
  }

  /// Writes one file, which appears whole.
  public func write(
    file id: ObjectID, to destination: Path, replacing: Bool
  ) throws(HistoryError) {
    if !replacing, destination.kind != nil { throw .file(.exists(destination)) }
    let temporary = destination.parent.appending(".\(destination.name).partial-\(Self.process)")
    do {
      try destination.parent.createDirectories()
      try? temporary.removeTree()
      try create(id, at: temporary)
      try temporary.rename(over: destination)
      try destination.parent.syncNames()
    } catch {
      try? temporary.removeTree()
      if let error = error as? HistoryError {
        throw error.renaming(temporary, to: destination)
      }
      if let error = error as? FileError { throw .file(error.renaming(temporary, to: destination)) }
    }
  }

  /// The bytes of a small file, checked.
  public func bytes(ofFile id: ObjectID, limit: Int) throws(HistoryError) -> [UInt8]? {
    let record = try repository.read(FileRecord.self, id)
    guard record.byteCount <= limit else { return nil }
    var bytes: [UInt8] = []
    try forEachChunk(of: record) { chunk, _ in bytes += chunk }
    guard BLAKE3.digest(of: bytes) == record.digest else {
      throw .malformedObject(id, kind: "file", rule: "has other bytes than its digest says")
    }
    return bytes
  }

  /// Makes a file of its record's bytes and syncs it; folders above it are made.
  func create(_ id: ObjectID, at path: Path) throws(HistoryError) {
    let record = try repository.read(FileRecord.self, id)
    let writer: FileWriter
    do {
      try path.parent.createDirectories()
      writer = try FileWriter(creating: path)
    } catch { throw .file(error) }
    var hasher = BLAKE3.Hasher()
    try forEachChunk(of: record) { (bytes, offset) throws(FileError) in
      try writer.write(bytes, at: offset)
      hasher.update(bytes)
      execution.progress(bytes.count)
    }
    guard hasher.digest == record.digest else { throw .notRestored(path) }
    do { try writer.sync() } catch { throw .file(error) }
  }

  /// Hands over a file's bytes in order, chunk by chunk; they are read and decoded on all threads.
  func forEachChunk(
    of record: FileRecord, _ body: ([UInt8], Int) throws(FileError) -> Void
  ) throws(HistoryError) {
    var chunks: [Digest] = []
    for segment in record.segments {
      switch segment {
      case .bytes(_, let digests): chunks += digests
      case .tensor(let id, _): chunks += try repository.read(TensorObject.self, id).chunks
      }
    }
    var offset = 0
    var isInterrupted = false
    do {
      try repository.store.chunks(chunks, workers: execution.workers) {
        (_, bytes) throws(StorageError) in
        isInterrupted = isInterrupted || execution.interruption.isRequested
        if isInterrupted { return }
        do throws(FileError) { try body(bytes, offset) } catch { throw .file(error) }
        offset += bytes.count
      }
    } catch { throw .storage(error) }
    if isInterrupted { throw .interrupted }
    guard offset == record.byteCount else {
      throw .malformedObject(record.id, kind: "file", rule: "has segments of another total size")
    }
  }

  /// Syncs the folders that files were written to, so that their names last.
  private static func syncFolders(of names: [String], in top: Path) throws(FileError) {
    var folders: Set<Path> = []
    for name in names {
      var folder = top.appending(name).parent
      while folder != top, folders.insert(folder).inserted { folder = folder.parent }
    }
    for folder in folders { try folder.syncNames() }
  }

  private static var process: String { String(UInt64.random(in: 0...UInt64.max), radix: 16) }
}

extension HistoryError {
  /// The error with a temporary path told as the one that users know.
  func renaming(_ path: Path, to other: Path) -> HistoryError {
    switch self {
    case .file(let error): .file(error.renaming(path, to: other))
    case .storage(.file(let error)): .file(error.renaming(path, to: other))
    case .notRestored: .notRestored(other)
    default: self
    }
  }
}
