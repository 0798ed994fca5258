public import Adapters
internal import Archives
internal import Digests
public import Files
public import Storage

/// An archive that was written.
public struct Exported: Hashable, Sendable {
  /// Where.
  public let path: Path
  /// The files in it.
  public let fileCount: Int
  /// Their bytes.
  public let byteCount: Int
}

extension Repository {
  /// Writes what stands at a place as one archive, whose format is that of the output's name.
  ///
  /// The same place, name and time give the same bytes: names are sorted, and nothing of the machine
  /// is in it. A folder's files lie below `name`. The file appears whole; throws `exists` where
  /// something stands there, unless `replacing` allows it.
  public func export(
    _ place: TreePlace, named name: String, time: Timestamp, to output: Path,
    replacing: Bool = false, execution: Execution
  ) throws(HistoryError) -> Exported {
    guard let format = ArchiveFormat(fileName: output.name) else { throw .unknownArchive(output) }
    if !replacing, output.kind != nil { throw .file(.exists(output)) }
    let files = try members(place, named: name)
    let number = String(UInt64.random(in: 0...UInt64.max), radix: 16)
    let temporary = output.parent.appending(".\(output.name).partial-\(number)")
    defer { try? temporary.removeFile() }
    do throws(HistoryError) {
      let writer: FileWriter
      do { writer = try FileWriter(creating: temporary) } catch { throw .file(error) }
      try write(files, to: writer, format, time, execution)
      do throws(FileError) {
        try writer.sync()
        // A link refuses what appeared there meanwhile; a rename replaces it.
        if replacing {
          try temporary.rename(over: output)
        } else {
          try temporary.link(as: output)
        }
        try output.parent.syncNames()
      } catch { throw .file(error) }
    } catch { throw error.renaming(temporary, to: output) }
    return Exported(
      path: output, fileCount: files.count, byteCount: files.reduce(0) { $0 + $1.byteCount })
  }

  /// A file, and its name in an archive.
  private struct Member {
    let name: String
    let file: ObjectID
    let byteCount: Int
  }

  private func members(
    _ place: TreePlace, named name: String
  ) throws(HistoryError) -> [Member] {
    var files: [Member] = []
    func add(_ snapshot: ObjectID, below name: String) throws(HistoryError) {
      for (file, stored) in try read(Snapshot.self, snapshot).files {
        files.append(
          Member(
            name: file.isEmpty ? name : name + "/" + file, file: stored.file,
            byteCount: stored.byteCount))
      }
    }
    switch place {
    case .file(let id, _, _):
      files = [Member(name: name, file: id, byteCount: try read(FileRecord.self, id).byteCount)]
    case .snapshot(let id, _): try add(id, below: name)
    case .folder(let tree, let prefix):
      for (path, id) in try trees.entries(of: tree, within: prefix) {
        let skipped = prefix.isEmpty ? 0 : prefix.utf8.count + 1
        let rest = String(decoding: path.text.utf8.dropFirst(skipped), as: UTF8.self)
        try add(id, below: name + "/" + rest)
      }
    }
    return files.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
  }

  private func write(
    _ files: [Member], to writer: FileWriter, _ format: ArchiveFormat, _ time: Timestamp,
    _ execution: Execution
  ) throws(HistoryError) {
    let restoring = Restoring(self, execution: execution)
    let archive: ArchiveWriter
    do { archive = try ArchiveWriter(writer, format: format) } catch { throw .init(error) }
    for file in files {
      do throws(ArchiveError) {
        guard let name = MemberName(file.name) else {
          throw .unsafeName(writer.path, member: file.name)
        }
        try archive.addFile(name, byteCount: file.byteCount, modified: time.seconds)
      } catch { throw .init(error) }
      try restoring.append(file.file, to: archive)
    }
    do { try archive.finish() } catch { throw .init(error) }
  }
}

extension Restoring {
  /// Adds a stored file's bytes to the member that was added last, checked by its digest.
  fileprivate func append(_ id: ObjectID, to archive: ArchiveWriter) throws(HistoryError) {
    let record = try repository.read(FileRecord.self, id)
    var hasher = BLAKE3.Hasher()
    var failure: ArchiveError?
    try forEachChunk(of: record) { bytes, _ in
      guard failure == nil else { return }
      hasher.update(bytes)
      execution.progress(bytes.count)
      do throws(ArchiveError) { try archive.append(bytes) } catch { failure = error }
    }
    if let failure { throw .init(failure) }
    guard hasher.digest == record.digest else {
      throw .malformedObject(id, kind: "file", rule: "has other bytes than its digest says")
    }
  }
}

extension HistoryError {
  /// Why an archive is refused.
  init(_ error: ArchiveError) {
    switch error {
    case .file(let error): self = .file(error)
    case .interrupted: self = .interrupted
    case .malformed(let path, _), .unsafeName(let path, _), .notAFile(let path, _),
      .encrypted(let path, _), .compressed(let path, _), .duplicateMember(let path, _),
      .twinMembers(let path, _, _), .nameTooLong(let path, _), .missingMember(let path, _),
      .memberTooLarge(let path, _, _), .unreadable(let path, _, _), .overLimit(let path, _),
      .cannotWrite(let path, _, _), .ambiguous(let path, _), .overlappingMembers(let path, _, _):
      self = .archive(path, rule: error.rule ?? "cannot be read")
    }
  }
}
