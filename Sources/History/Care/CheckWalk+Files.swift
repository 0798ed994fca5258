internal import Digests
internal import Storage

extension CheckWalk {
  /// Checks a snapshot and its files.
  func checkSnapshot(_ id: ObjectID, at place: CheckPlace) throws(HistoryError) {
    try checkInterruption()
    guard let snapshot = value(Snapshot.self, id, at: place) else { return }
    report.counts.snapshots += 1
    for (name, file) in snapshot.files.sorted(by: { $0.key < $1.key }) {
      guard let stored = try checkFile(file.file, at: place.at(file: name)) else { continue }
      if stored.byteCount != file.byteCount || stored.digest != file.digest {
        malformed(
          id, .snapshot, "gives \"\(name)\" another size or digest than its file has",
          at: place.at(file: name))
      }
    }
  }

  /// Checks a file's record; its size and its digest, nil where it cannot be read.
  func checkFile(
    _ id: ObjectID, at place: CheckPlace
  ) throws(HistoryError) -> (byteCount: Int, digest: Digest)? {
    if let known = files[id] { return known }
    guard let record = value(FileRecord.self, id, at: place) else { return nil }
    report.counts.files += 1
    files[id] = (record.byteCount, record.digest)
    var byteCount: Int? = 0
    for segment in record.segments {
      var own: Int?
      switch segment {
      case .bytes(let count, let digests):
        own = count
        for digest in digests { checkChunk(digest, at: place) }
      case .tensor(let tensor, let name): own = checkTensor(tensor, at: place.at(tensor: name))
      }
      // Sums of what a stored file claims may not fit into a number.
      byteCount = own.flatMap { own in
        byteCount.map { $0.addingReportingOverflow(own) }.flatMap { $0.overflow ? nil : $0.0 }
      }
      if byteCount == nil, own != nil { break }
    }
    if let byteCount, byteCount != record.byteCount {
      malformed(
        id, .file, "has segments of \(byteCount) bytes in a file of \(record.byteCount)", at: place)
    } else {
      records.append((id, record, place))
    }
    return files[id]
  }

  /// Checks a tensor; its size, nil where it cannot be read.
  func checkTensor(_ id: ObjectID, at place: CheckPlace) -> Int? {
    if let known = tensorByteCounts[id] { return known }
    guard let tensor = value(TensorObject.self, id, at: place) else { return nil }
    report.counts.tensors += 1
    tensorByteCounts[id] = tensor.byteCount
    for digest in tensor.chunks { checkChunk(digest, at: place) }
    return tensor.byteCount
  }

  private func checkChunk(_ digest: Digest, at place: CheckPlace) {
    guard chunks.insert(digest).inserted else { return }
    report.counts.chunks += 1
    do throws(StorageError) {
      if readsChunks {
        _ = try repository.store.chunk(digest)
        return
      }
      // With the chunks that it is a difference from, which nothing else need refer to.
      _ = try repository.store.storedSize(of: [.chunk(digest)], includingParents: true)
    } catch { unreadable(.chunk(digest), error, at: place) }
  }
}
