internal import Digests
internal import Files
internal import Parallel
internal import Storage
internal import Tensors

/// Puts files into a transaction. Their chunks are read, hashed and encoded on all threads; some
/// megabytes for each thread are in memory.
struct FileStorage {
  private let transaction: Transaction
  private let workers: Workers
  private var files: [StoredFile] = []

  /// A file whose chunks are stored.
  private struct StoredFile {
    let byteCount: Int
    let parts: [FileSegments.Part]
    let digest: Digest
    let sha256: SHA256Digest
    /// For each part those of its chunks.
    let chunks: [[Digest]]
  }

  /// A chunk that is to be stored.
  private struct Piece {
    let part: Int
    let range: Range<Int>
    let layout: ElementLayout
    let parent: Digest?
  }

  init(_ transaction: Transaction, workers: Workers) {
    self.transaction = transaction
    self.workers = workers
  }

  /// Reads a file to its end. Its record is there after `finish`, in the order of the calls.
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
    let pieces = Self.pieces(of: file, parents: parents)
    var hasher = BLAKE3.Hasher()
    let sha256 = SHA256()
    let reader = file.reader
    let digests = try transaction.put(
      chunkCount: pieces.count, workers: workers, failing: { HistoryError.storage($0) },
      reading: { (number) throws(HistoryError) in
        let piece = pieces[number]
        return ChunkInput(
          try Self.bytes(piece.range, of: reader), layout: piece.layout, parent: piece.parent)
      },
      each: { (_, bytes) throws(HistoryError) in
        try interruption()
        hasher.update(bytes)
        sha256.append(bytes)
      })
    var chunks: [[Digest]] = Array(repeating: [], count: file.parts.count)
    for (piece, digest) in zip(pieces, digests) { chunks[piece.part].append(digest) }
    files.append(
      StoredFile(
        byteCount: reader.byteCount, parts: file.parts, digest: hasher.digest,
        sha256: sha256.digest, chunks: chunks))
    let after: FileStamp
    let named: FileStamp
    do {
      after = try file.reader.stamp()
      named = try FileStamp(path)
    } catch { throw .changedWhileRead(path) }
    guard after == before, named == before else { throw .changedWhileRead(path) }
    if isFresh(before) { try compare(pieces, digests, with: reader) }
    return before
  }

  /// Whether a file was written about when the transaction began: one write may still go on under the
  /// stamp it began with, and clocks of file systems stand still for some milliseconds.
  private func isFresh(_ stamp: FileStamp) -> Bool {
    stamp.modified / 1_000_000_000 >= transaction.started.seconds - 2
  }

  /// Throws `changedWhileRead` where a file, read once more, is another one.
  private func compare(
    _ pieces: [Piece], _ digests: [Digest], with reader: FileReader
  ) throws(HistoryError) {
    try workers.perform(jobs: pieces.count, scratch: {}) { (job, _) throws(HistoryError) in
      guard BLAKE3.digest(of: try Self.bytes(pieces[job].range, of: reader)) == digests[job] else {
        throw .changedWhileRead(reader.path)
      }
    }
  }

  private static func bytes(
    _ range: Range<Int>, of reader: FileReader
  ) throws(HistoryError) -> [UInt8] {
    do { return try reader.bytes(at: range.lowerBound, count: range.count) } catch {
      throw .file(error)
    }
  }

  /// The chunks of a file: of each part, from its start.
  private static func pieces(
    of file: FileSegments, parents: [String: TensorObject]
  ) -> [Piece] {
    var pieces: [Piece] = []
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
        let end = min(start + TensorID.chunkByteCount, part.range.upperBound)
        pieces.append(
          Piece(
            part: index, range: start..<end, layout: layout ?? .bytes,
            parent: parent?.chunks[place]))
      }
    }
    return pieces
  }

  /// Puts the objects of all files; their records.
  mutating func finish() throws(HistoryError) -> [(id: ObjectID, record: FileRecord)] {
    var records: [(id: ObjectID, record: FileRecord)] = []
    for file in files { records.append(try put(file)) }
    files = []
    return records
  }

  private func put(_ file: StoredFile) throws(HistoryError) -> (ObjectID, FileRecord) {
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
