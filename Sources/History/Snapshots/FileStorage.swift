internal import Digests
internal import Files
internal import Parallel
internal import Storage
internal import Tensors

/// Puts files into a transaction: chunks by the batch, so that many small tensors are encoded on all
/// threads, and never more than a batch in memory.
struct FileStorage {
  /// The bytes that are read before they are encoded.
  static let batchByteCount = 32 << 20

  private let transaction: Transaction
  private let workers: Workers
  private var files: [PendingFile] = []
  private var inputs: [ChunkInput] = []
  // For each input the file and the part it is of.
  private var places: [(file: Int, part: Int)] = []
  private var byteCount = 0

  /// A file whose chunks are not all stored yet.
  private struct PendingFile {
    let byteCount: Int
    let parts: [FileSegments.Part]
    // Those of no bytes, until all were read.
    var digest = BLAKE3.digest(of: [])
    var sha256 = SHA256.digest(of: [])
    var chunks: [[Digest]]

    init(_ file: FileSegments) {
      byteCount = file.reader.byteCount
      parts = file.parts
      chunks = Array(repeating: [], count: file.parts.count)
    }
  }

  init(_ transaction: Transaction, workers: Workers) {
    self.transaction = transaction
    self.workers = workers
  }

  /// Reads a file to its end. The records are there after `finish`, in the order of the calls.
  ///
  /// `parents` are stored tensors that the file's tensors of the same names may be alike. Throws
  /// `changedWhileRead` where the file is not the one at the end that it was at the start.
  mutating func add(
    _ path: Path, parents: [String: TensorObject], interruption: () throws(HistoryError) -> Void
  ) throws(HistoryError) -> FileStamp {
    let file: FileSegments
    let before: FileStamp
    do {
      // Before its header is read: the header and the bytes must be of one moment.
      before = try FileStamp(path)
      file = try FileSegments(path)
    } catch { throw .file(error) }
    guard (try? file.reader.stamp()) == before else { throw .changedWhileRead(path) }
    let number = files.count
    var hasher = BLAKE3.Hasher()
    let sha256 = SHA256()
    files.append(PendingFile(file))
    for (index, part) in file.parts.enumerated() {
      let parent = part.tensor.flatMap { Self.parent($0, part.range.count, in: parents) }
      let layout = part.tensor.map {
        TensorObject(
          elementType: $0.elementType, extents: $0.extents, byteCount: 0, chunks: []
        ).layout
      }
      for (place, start) in stride(
        from: part.range.lowerBound, to: part.range.upperBound, by: TensorID.chunkByteCount
      ).enumerated() {
        try interruption()
        let count = min(TensorID.chunkByteCount, part.range.upperBound - start)
        let bytes: [UInt8]
        do { bytes = try file.reader.bytes(at: start, count: count) } catch { throw .file(error) }
        hasher.update(bytes)
        sha256.append(bytes)
        inputs.append(
          ChunkInput(bytes, layout: layout ?? .bytes, parent: parent?.chunks[place]))
        places.append((number, index))
        byteCount += count
        if byteCount >= Self.batchByteCount { try flush() }
      }
    }
    files[number].digest = hasher.digest
    files[number].sha256 = sha256.digest
    let after: FileStamp
    let named: FileStamp
    do {
      after = try file.reader.stamp()
      named = try FileStamp(path)
    } catch { throw .changedWhileRead(path) }
    guard after == before, named == before else { throw .changedWhileRead(path) }
    if isFresh(before) {
      guard try Self.digest(of: file.reader) == files[number].digest else {
        throw .changedWhileRead(path)
      }
    }
    return before
  }

  /// Whether a file was written about when the transaction began: one write may still go on under the
  /// stamp it began with, and clocks of file systems stand still for some milliseconds.
  private func isFresh(_ stamp: FileStamp) -> Bool {
    stamp.modified / 1_000_000_000 >= transaction.started.seconds - 2
  }

  private static func digest(of reader: FileReader) throws(HistoryError) -> Digest {
    var hasher = BLAKE3.Hasher()
    for start in stride(from: 0, to: reader.byteCount, by: TensorID.chunkByteCount) {
      let count = min(TensorID.chunkByteCount, reader.byteCount - start)
      do throws(FileError) {
        hasher.update(try reader.bytes(at: start, count: count))
      } catch { throw .file(error) }
    }
    return hasher.digest
  }

  /// Encodes what is waiting, and puts the objects of all files; their records.
  mutating func finish() throws(HistoryError) -> [(id: ObjectID, record: FileRecord)] {
    try flush()
    var records: [(id: ObjectID, record: FileRecord)] = []
    for file in files { records.append(try put(file)) }
    files = []
    return records
  }

  private mutating func flush() throws(HistoryError) {
    guard !inputs.isEmpty else { return }
    do {
      let digests = try transaction.put(inputs, workers: workers)
      for (digest, place) in zip(digests, places) {
        files[place.file].chunks[place.part].append(digest)
      }
    } catch { throw .storage(error) }
    inputs = []
    places = []
    byteCount = 0
  }

  private func put(_ file: PendingFile) throws(HistoryError) -> (ObjectID, FileRecord) {
    var segments: [FileRecord.Segment] = []
    do throws(StorageError) {
      for (part, chunks) in zip(file.parts, file.chunks) {
        guard let tensor = part.tensor else {
          segments.append(.bytes(byteCount: part.range.count, chunks: chunks))
          continue
        }
        let object = TensorObject(
          elementType: tensor.elementType, extents: tensor.extents, byteCount: part.range.count,
          chunks: chunks)
        segments.append(.tensor(try transaction.put(object.object), name: tensor.name))
      }
      let record = FileRecord(
        byteCount: file.byteCount, digest: file.digest, sha256: file.sha256, segments: segments)
      return (try transaction.put(record.object), record)
    } catch { throw .storage(error) }
  }

  /// The stored tensor that one may be a small step away from: of its name, type and size.
  private static func parent(
    _ tensor: FileSegments.Tensor, _ byteCount: Int, in parents: [String: TensorObject]
  ) -> TensorObject? {
    guard let parent = parents[tensor.name], parent.elementType == tensor.elementType,
      parent.byteCount == byteCount
    else { return nil }
    return parent
  }
}
