internal import Adapters
internal import Digests
internal import Parallel
internal import Storage

extension CheckWalk {
  /// Reads files whole and compares them with their digests, each once, on all threads.
  func readFiles(_ level: CheckLevel) throws(HistoryError) {
    let wanted = records.filter { level.readsFile($0.id) }.map { (id: $0.id, record: $0.record) }
    let places = records.filter { level.readsFile($0.id) }.map(\.place)
    let results = Results<ReadProblem?>(count: wanted.count)
    let reading = FileReading(repository: repository, execution: execution)
    try execution.workers.perform(jobs: wanted.count, scratch: { ChunkCodec() }) {
      (job, codec) throws(HistoryError) in
      results[job] = try reading.problem(of: wanted[job].record, using: codec)
    }
    for (number, problem) in results.values.enumerated() {
      report.counts.readFiles += 1
      let place = places[number]
      switch problem {
      case .chunk(let digest, let tensor, let error):
        // What is not there was told by the walk; other files may have had the same.
        guard !lost.contains(.chunk(digest)) else { continue }
        unreadable(.chunk(digest), error, at: tensor.map(place.at(tensor:)) ?? place)
      case .object: continue
      case .digest:
        malformed(
          wanted[number].id, .file, "has other bytes than its digests say", at: place)
      case nil: continue
      }
    }
  }
}

/// Why a file cannot be given back.
private enum ReadProblem: Sendable {
  /// A chunk, of a tensor or not, cannot be read.
  case chunk(Digest, tensor: String?, StorageError)
  /// A tensor cannot be read, which the walk has told.
  case object
  /// The bytes are others.
  case digest
}

/// Reads one file after the other, as a job of many.
private struct FileReading: Sendable {
  let repository: Repository
  let execution: Execution

  func problem(
    of record: FileRecord, using codec: ChunkCodec
  ) throws(HistoryError) -> ReadProblem? {
    var blake = BLAKE3.Hasher()
    let sha256 = SHA256()
    var byteCount = 0
    for segment in record.segments {
      var chunks: [Digest]
      var tensor: String?
      switch segment {
      case .bytes(_, let digests): chunks = digests
      case .tensor(let id, let name):
        guard let object = try? repository.read(TensorObject.self, id) else { return .object }
        chunks = object.chunks
        tensor = name
      }
      for digest in chunks {
        if execution.interruption.isRequested { throw .interrupted }
        do throws(StorageError) {
          let bytes = try repository.store.chunk(digest, using: codec)
          blake.update(bytes)
          sha256.append(bytes)
          byteCount += bytes.count
          execution.progress(bytes.count)
        } catch { return .chunk(digest, tensor: tensor, error) }
      }
    }
    let isRight =
      byteCount == record.byteCount && blake.digest == record.digest
      && sha256.digest == record.sha256
    return isRight ? nil : .digest
  }
}
