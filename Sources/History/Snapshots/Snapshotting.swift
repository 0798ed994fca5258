public import Adapters
internal import Files
public import Storage
public import Tensors

/// Takes snapshots of adapters, checkpoints and plain files, each in one transaction.
public struct Snapshotting {
  let repository: Repository
  let transaction: Transaction
  let execution: Execution
  private let cache: DigestCache?

  /// Takes snapshots for a transaction; what was hashed is kept in the cache.
  public init(
    _ repository: Repository, _ transaction: Transaction, execution: Execution,
    cache: DigestCache? = nil
  ) {
    self.repository = repository
    self.transaction = transaction
    self.execution = execution
    self.cache = cache
  }

  /// Stores the files of what was found at a path and the snapshot of them.
  ///
  /// Tensors are stored as steps from those of `parent`, an earlier snapshot of the same path, or
  /// of `baseSnapshot`, where the base's bytes are stored. Throws where a file changes while it is read.
  public func take(
    _ found: Found, base: CheckpointID?, storedAs baseSnapshot: ObjectID?, parent: ObjectID?
  ) throws(HistoryError) -> (id: ObjectID, snapshot: Snapshot) {
    let parents = try parentTensors(parent: parent, base: baseSnapshot)
    var storage = FileStorage(transaction, workers: execution.workers)
    var stamps: [FileStamp] = []
    for file in found.files {
      let stamp = try storage.add(file.path, parents: parents, interruption: checkInterruption)
      stamps.append(stamp)
      execution.progress(file.byteCount)
    }
    let records = try storage.finish()
    var files: [String: Snapshot.File] = [:]
    for ((file, stored), stamp) in zip(zip(found.files, records), stamps) {
      cache?.record(
        FileDigests(digest: stored.record.digest, sha256: stored.record.sha256), for: stamp)
      files[file.name] = Snapshot.File(
        byteCount: stored.record.byteCount, digest: stored.record.digest, file: stored.id)
    }
    let snapshot = Snapshot(
      content: found.content, format: found.format, method: found.method,
      contentID: try contentID(of: found, records.map(\.record)), base: base,
      declaredBase: found.declaredBase, files: files)
    // Each is as it was read, and so all of them are of one moment: this one.
    for (file, stamp) in zip(found.files, stamps) {
      guard (try? FileStamp(file.path)) == stamp else { throw .changedWhileRead(file.path) }
    }
    do { return (try transaction.put(snapshot.object), snapshot) } catch { throw .storage(error) }
  }

  private func checkInterruption() throws(HistoryError) {
    if execution.interruption.isRequested { throw .interrupted }
  }

  /// The tensors that new ones may be small steps away from, by name: the parent snapshot's, and
  /// where it has none the stored base's.
  private func parentTensors(
    parent: ObjectID?, base: ObjectID?
  ) throws(HistoryError) -> [String: TensorObject] {
    var tensors: [String: TensorObject] = [:]
    for id in [base, parent] {
      guard let id else { continue }
      for file in try repository.read(Snapshot.self, id).files.values {
        for tensor in try repository.read(FileRecord.self, file.file).tensors {
          tensors[tensor.name] = try repository.read(TensorObject.self, tensor.id)
        }
      }
    }
    return tensors
  }
}
