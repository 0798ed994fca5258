public import Files

/// The members of an archive, made files of a new directory: a tar, plain or compressed by gzip, xz,
/// bzip2 or zstd, a zip, or a 7z.
///
/// The directory appears whole or not at all. Nothing but plain files and directories is made, with
/// the permissions that any new file gets, and nothing outside of the directory: names that could
/// lead there or mean two things are refused, and every file is created from directories that are
/// held open, through no link. What is there when the archive says too much is refused before it is
/// written.
public struct ArchiveExtraction: Sendable {
  private let reader: FileReader
  private let limits: ArchiveLimits

  /// Takes an open file, which is read when it is extracted.
  public init(_ reader: FileReader, limits: ArchiveLimits = ArchiveLimits()) {
    self.reader = reader
    self.limits = limits
  }

  /// Extracts all members into `destination`, which must not exist; they are returned in their
  /// order. `shouldStop` is asked between blocks; where it says so, nothing appears.
  public func extract(
    into destination: Path, shouldStop: () -> Bool = { false }
  ) throws(ArchiveError) -> [ArchiveEntry] {
    let handle = try ArchiveHandle(opening: reader)
    let staged: StagedDirectory
    do { staged = try StagedDirectory(for: destination) } catch { throw .file(error) }
    do throws(ArchiveError) {
      let entries = try fill(staged, from: handle, shouldStop: shouldStop)
      do { try staged.publish() } catch { throw .file(error) }
      return entries
    } catch {
      staged.discard()
      // The user knows the final name, and not the temporary one.
      guard case .file(let failure) = error else { throw error }
      throw .file(failure.renaming(staged.path, to: destination))
    }
  }

  private func fill(
    _ staged: StagedDirectory, from handle: ArchiveHandle, shouldStop: () -> Bool
  ) throws(ArchiveError) -> [ArchiveEntry] {
    let root: HeldDirectory
    do { root = try HeldDirectory(staged.path) } catch { throw .file(error) }
    var tree = MemberTree(of: reader.path)
    var entries: [ArchiveEntry] = []
    var roomByteCount = limits.byteLimit(forArchiveOf: reader.byteCount)
    while let entry = try handle.nextEntry() {
      guard entries.count < limits.entryCount else {
        throw .overLimit(reader.path, rule: "has more than \(limits.entryCount) members")
      }
      let components = try tree.insert(entry.name)
      guard entry.byteCount <= roomByteCount else {
        let limit = limits.byteLimit(forArchiveOf: reader.byteCount)
        throw .overLimit(reader.path, rule: "holds more than \(limit) bytes once unpacked")
      }
      roomByteCount -= entry.byteCount
      if entry.name.isDirectory {
        _ = try open(components, in: root)
      } else {
        try write(entry, components, in: root, from: handle, shouldStop: shouldStop)
      }
      entries.append(entry)
    }
    guard !entries.isEmpty else { throw .malformed(reader.path, rule: "has no members") }
    for components in tree.directories.reversed() {
      let directory = try open(components, in: root)
      do { try directory.sync() } catch { throw .file(error) }
    }
    guard root.isInPlace else { throw .file(.notFound(staged.path)) }
    return entries
  }

  private func open(
    _ components: some Sequence<String>, in root: HeldDirectory
  ) throws(ArchiveError) -> HeldDirectory {
    var directory = root
    for component in components {
      do { directory = try directory.directory(component) } catch { throw .file(error) }
    }
    return directory
  }

  private func write(
    _ entry: ArchiveEntry, _ components: [String], in root: HeldDirectory,
    from handle: ArchiveHandle, shouldStop: () -> Bool
  ) throws(ArchiveError) {
    guard let name = components.last else { preconditionFailure("a name has a part") }
    let directory = try open(components.dropLast(), in: root)
    let writer: FileWriter
    do { writer = try directory.createFile(name) } catch { throw .file(error) }
    var block = [UInt8](repeating: 0, count: 1 << 18)
    var offset = 0
    while true {
      if shouldStop() { throw .interrupted(reader.path) }
      var span = block.mutableSpan
      let count = try handle.readData(of: entry.name, into: &span)
      if count == 0 { break }
      guard count <= entry.byteCount - offset else {
        throw .unreadable(reader.path, entry.name, reason: "it is longer than announced")
      }
      do { try writer.write(block, count: count, at: offset) } catch { throw .file(error) }
      offset += count
    }
    guard offset == entry.byteCount else {
      throw .unreadable(reader.path, entry.name, reason: "it is shorter than announced")
    }
    do { try writer.sync() } catch { throw .file(error) }
  }
}
