internal import Adapters
internal import Digests
internal import Files
internal import Parallel
internal import Tensors

/// Reads a model for its digests: from the cache what it knows, from the files the rest.
struct BaseReading {
  let model: Checkpoint
  let cache: DigestCache?
  let execution: Execution

  init(_ model: Checkpoint, cache: DigestCache?, execution: Execution) {
    self.model = model
    self.cache = cache
    self.execution = execution
  }

  /// All tensors by name.
  func tensors() throws(HistoryError) -> [TensorName: TensorID] {
    named(try ids())
  }

  /// All tensors by name, where the cache knows them all.
  func knownTensors() -> [TensorName: TensorID]? {
    let ids = model.shards.compactMap { knownIDs(of: $0) }
    return ids.count == model.shards.count ? named(ids) : nil
  }

  private func named(_ ids: [[TensorID]]) -> [TensorName: TensorID] {
    var tensors: [TensorName: TensorID] = [:]
    for (shard, ids) in zip(model.shards, ids) {
      for (info, id) in zip(shard.tensors, ids) { tensors[info.name] = id }
    }
    return tensors
  }

  /// The ids of one file's tensors, where the cache knows them.
  private func knownIDs(of shard: TensorFile) -> [TensorID]? {
    guard let ids = cache?.lookup(shard.reader.stampWhenOpened)?.tensors,
      ids.count == shard.tensors.count
    else { return nil }
    return ids
  }

  /// The ids of the tensors of each file of weights.
  private func ids() throws(HistoryError) -> [[TensorID]] {
    var ids = model.shards.map { knownIDs(of: $0) }
    let unknown = ids.indices.filter { ids[$0] == nil }
    let shards = unknown.map { model.shards[$0] }
    let hashed: [[TensorID]]
    do {
      hashed = try TensorDigests.ids(of: shards, execution: execution)
    } catch {
      // A file that was cut short has changed; that says more than where its end was met.
      for shard in shards { try Self.requireUnchanged(shard.reader) }
      if case .interrupted = error { throw .interrupted }
      throw .adapter(error)
    }
    for (index, found) in zip(unknown, hashed) {
      let reader = model.shards[index].reader
      try Self.requireUnchanged(reader)
      cache?.record(FileDigests(tensors: found), for: reader.stampWhenOpened)
      ids[index] = found
    }
    return ids.map { $0 ?? [] }
  }

  /// All files of the model, those of weights by their size alone unless they are to be hashed.
  func files(hashesFiles: Bool) throws(HistoryError) -> [String: Base.File] {
    let weights = Dictionary(
      model.shards.map { ($0.reader.path.name, $0.reader.byteCount) }, uniquingKeysWith: { $1 })
    let hashed = hashesFiles ? paths : paths.filter { weights[$0.name] == nil }
    let results = Results<Base.File>(count: hashed.count)
    try execution.workers.perform(jobs: hashed.count, scratch: {}) {
      (number, _) throws(HistoryError) in
      results[number] = try self.file(hashed[number].path, withSHA256: hashesFiles)
    }
    var files = weights.mapValues { Base.File(byteCount: $0, digest: nil, sha256: nil) }
    for (file, result) in zip(hashed, results.values) { files[file.name] = result }
    return files
  }

  /// The same as far as the cache knows it.
  func knownFiles() -> [String: Base.File]? {
    var files: [String: Base.File] = [:]
    let weights = Set(model.shards.map { $0.reader.path.name })
    for (name, path) in paths {
      guard let stamp = try? FileStamp(path) else { return nil }
      let known = cache?.lookup(stamp)
      guard known?.digest != nil || weights.contains(name) else { return nil }
      files[name] = Base.File(
        byteCount: stamp.byteCount, digest: weights.contains(name) ? nil : known?.digest,
        sha256: known?.sha256)
    }
    return files
  }

  /// The files of weights, their index and the files beside them.
  var paths: [(name: String, path: Path)] {
    let folder = model.path.isDirectory ? model.path : model.path.parent
    let beside = (model.index.map { [$0.fileName] } ?? []) + model.sideFiles
    return model.shards.map { ($0.reader.path.name, $0.reader.path) }
      + beside.map { ($0, folder.appending($0)) }
  }

  private func file(_ path: Path, withSHA256: Bool) throws(HistoryError) -> Base.File {
    let reader: FileReader
    do { reader = try FileReader(path) } catch { throw .file(error) }
    let stamp = reader.stampWhenOpened
    let known = cache?.lookup(stamp)
    if let digest = known?.digest, !withSHA256 || known?.sha256 != nil {
      return Base.File(
        byteCount: stamp.byteCount, digest: digest, sha256: withSHA256 ? known?.sha256 : nil)
    }
    let digests = try hash(reader, withSHA256: withSHA256)
    try Self.requireUnchanged(reader)
    cache?.record(digests, for: stamp)
    return Base.File(byteCount: stamp.byteCount, digest: digests.digest, sha256: digests.sha256)
  }

  private func hash(_ reader: FileReader, withSHA256: Bool) throws(HistoryError) -> FileDigests {
    var hasher = BLAKE3.Hasher()
    let sha256 = withSHA256 ? SHA256() : nil
    for start in stride(from: 0, to: reader.byteCount, by: 1 << 20) {
      if execution.interruption.isRequested { throw .interrupted }
      let bytes: [UInt8]
      do {
        bytes = try reader.bytes(at: start, count: min(1 << 20, reader.byteCount - start))
      } catch {
        try Self.requireUnchanged(reader)
        throw .file(error)
      }
      hasher.update(bytes)
      sha256?.append(bytes)
    }
    return FileDigests(digest: hasher.digest, sha256: sha256?.digest)
  }

  static func requireUnchanged(_ reader: FileReader) throws(HistoryError) {
    guard let now = try? FileStamp(reader.path), now == reader.stampWhenOpened else {
      throw .changedWhileRead(reader.path)
    }
  }
}
