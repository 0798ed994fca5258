internal import Digests
internal import Files

/// A pack that is open for reading.
struct PackFile: Sendable {
  let name: Digest
  private let path: Path
  private let reader: any StoreFileReading

  init(_ name: Digest, files: any StoreFiles, paths: StorePaths) throws(FileError) {
    self.name = name
    path = paths.pack(name)
    reader = try files.open(path)
  }

  /// A pack that is part of a file.
  init(_ name: Digest, path: Path, reader: any StoreFileReading) {
    self.name = name
    self.path = path
    self.reader = reader
  }

  /// The list of its records, checked.
  func footer() throws(StorageError) -> PackFooter {
    let (start, bytes, count) = try footerBytes()
    do {
      return try PackFooter(bytes, count: count, end: start)
    } catch {
      guard case .malformedEncoding(let rule) = error else { throw error }
      throw .malformedFile(path, rule: rule)
    }
  }

  private func footerBytes() throws(StorageError) -> (start: Int, bytes: [UInt8], count: Int) {
    let malformed = StorageError.malformedFile(path, rule: "no pack, or not all of one")
    let trailerStart = reader.byteCount - PackFormat.trailerByteCount
    guard trailerStart >= PackFormat.header.count, reader.byteCount <= PackFormat.maximumByteCount,
      try bytes(at: 0, count: PackFormat.header.count) == PackFormat.header
    else { throw malformed }
    var trailer = ByteReader(
      try bytes(at: trailerStart, count: PackFormat.trailerByteCount)
    )
    let start = try trailer.uint64()
    let byteCount = try trailer.uint64()
    let count = Int(try trailer.uint32())
    guard Array(try trailer.next(4)) == PackFormat.endMark, count <= PackFormat.maximumEntryCount,
      byteCount == UInt64(PackFormat.fanoutByteCount + count * PackFormat.entryByteCount),
      start >= UInt64(PackFormat.header.count), start <= UInt64(trailerStart),
      UInt64(trailerStart) - start == byteCount
    else { throw malformed }
    let footer = try bytes(at: Int(start), count: Int(byteCount))
    guard BLAKE3.digest(of: footer).bytes[...] == (try trailer.next(Digest.byteCount)) else {
      throw .malformedFile(path, rule: "a footer with another digest")
    }
    return (Int(start), footer, count)
  }

  /// A record's bytes, checked against its entry.
  func recordBytes(_ entry: PackEntry) throws(StorageError) -> [UInt8] {
    let bytes = try bytes(at: entry.offset, count: entry.byteCount)
    guard PackFormat.check(of: bytes) == entry.check else {
      throw .damagedRecord(entry.key.digest, pack: name)
    }
    return bytes
  }

  /// A record, checked against its entry.
  func record(_ entry: PackEntry) throws(StorageError) -> PackRecord {
    let record = try PackRecord(parsing: try recordBytes(entry))
    guard record.key == entry.key, record.encoding.needsParent == (entry.depth > 0) else {
      throw .damagedRecord(entry.key.digest, pack: name)
    }
    return record
  }

  /// A record's head, which fits its entry; its bytes are not checked.
  func head(_ entry: PackEntry) throws(StorageError) -> RecordHead {
    var reader = ByteReader(
      try bytes(at: entry.offset, count: min(entry.byteCount, RecordHead.maximumByteCount))
    )
    let head = try RecordHead(&reader)
    guard head.key == entry.key, head.encoding.needsParent == (entry.depth > 0),
      head.recordByteCount == entry.byteCount
    else { throw .damagedRecord(entry.key.digest, pack: name) }
    return head
  }

  /// The records that follow one another from the header, as far as their heads can be believed, for a
  /// pack whose list is damaged. Neither their checks nor their depths are known.
  func scannedEntries() throws(StorageError) -> [PackEntry] {
    var entries: [PackEntry] = []
    var offset = PackFormat.header.count
    while offset < reader.byteCount {
      let left = reader.byteCount - offset
      var head = ByteReader(try bytes(at: offset, count: min(left, RecordHead.maximumByteCount)))
      guard let head = try? RecordHead(&head), head.recordByteCount <= left else { break }
      let bytes = try bytes(at: offset, count: head.recordByteCount)
      entries.append(
        PackEntry(
          key: head.key,
          depth: head.parent == nil ? 0 : PackFormat.maximumDepth,
          offset: offset,
          byteCount: bytes.count,
          check: PackFormat.check(of: bytes)
        )
      )
      offset += bytes.count
    }
    return entries
  }

  /// The digest of the whole file, which is its name where nothing is damaged.
  func digest() throws(StorageError) -> Digest {
    var hasher = BLAKE3.Hasher()
    var offset = 0
    while offset < reader.byteCount {
      let piece = try bytes(at: offset, count: min(1 << 20, reader.byteCount - offset))
      hasher.update(piece)
      offset += piece.count
    }
    return hasher.digest
  }

  var byteCount: Int { reader.byteCount }

  private func bytes(at offset: Int, count: Int) throws(StorageError) -> [UInt8] {
    do { return try reader.bytes(at: offset, count: count) } catch { throw .file(error) }
  }
}
