public import Adapters
internal import Digests
public import Files
internal import Storage
internal import Tensors

/// What a file would be stored as, computed without a store.
public struct FileDescription: Sendable {
  /// Its record.
  public let record: FileRecord

  /// Reads a file to its end, 1 MiB at a time.
  public init(of path: Path, execution: Execution) throws(HistoryError) {
    let file: FileSegments
    do { file = try FileSegments(path) } catch { throw .file(error) }
    var hasher = BLAKE3.Hasher()
    let sha256 = SHA256()
    var segments: [FileRecord.Segment] = []
    for part in file.parts {
      var chunks: [Digest] = []
      for start in stride(
        from: part.range.lowerBound, to: part.range.upperBound, by: TensorID.chunkByteCount)
      {
        if execution.interruption.isRequested { throw .interrupted }
        let count = min(TensorID.chunkByteCount, part.range.upperBound - start)
        let bytes: [UInt8]
        do { bytes = try file.reader.bytes(at: start, count: count) } catch { throw .file(error) }
        hasher.update(bytes)
        sha256.append(bytes)
        chunks.append(BLAKE3.digest(of: bytes))
      }
      segments.append(Self.segment(part, chunks))
    }
    record = FileRecord(
      byteCount: file.reader.byteCount, digest: hasher.digest, sha256: sha256.digest,
      segments: segments)
  }

  /// The segment of a part whose chunks are known.
  private static func segment(
    _ part: FileSegments.Part, _ chunks: [Digest]
  ) -> FileRecord.Segment {
    guard let tensor = part.tensor else {
      return .bytes(byteCount: part.range.count, chunks: chunks)
    }
    let object = TensorObject(
      elementType: tensor.elementType, extents: tensor.extents, byteCount: part.range.count,
      chunks: chunks)
    return .tensor(object.id, name: tensor.name)
  }
}

extension Repository {
  /// Stores files that nothing refers to yet.
  public func store(files: [Path], act: Act, execution: Execution) throws(HistoryError) {
    try change(act) { transaction throws(HistoryError) in
      var storage = FileStorage(transaction, workers: execution.workers)
      for file in files { _ = try storage.add(file, parents: [:], interruption: {}) }
      _ = try storage.finish()
      return []
    }
  }
}
