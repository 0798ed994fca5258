public import Digests
public import Files

/// How much of a store is checked.
public enum VerificationLevel: Hashable, Sendable {
  /// Names, footers, the log's chain, and that refs name stored objects.
  case fast
  /// Besides: every record's check, and with it every byte of the packs.
  case records
  /// Besides: every byte of every pack, every object and every chunk by its id.
  case full
  /// As full, for the packs of one part of `count`, numbered from 0.
  case subset(Int, of: Int)
}

/// One thing that is wrong with a store.
public enum Finding: Hashable, Sendable {
  /// A file or name that does not belong here.
  case strayFile(Path)
  /// A pack that cannot be opened.
  case damagedPack(Digest, StorageError)
  /// A pack whose bytes are not those it is named by.
  case misnamedPack(Digest, actual: Digest)
  /// A record that does not give back what it is the id of.
  case damagedRecord(Digest, pack: Digest, StorageError)
  /// The log cannot be read to its end.
  case damagedLog(StorageError)
  /// A ref names an object that is not stored.
  case brokenRef(RefName, ObjectID)
  /// A checkpoint is not what its operations say; it is derived, and not used.
  case damagedCheckpoint(Int)
  /// The index is not whole; it is derived, and written anew when needed.
  case damagedIndex
  /// A list of condemned packs cannot be read.
  case damagedCondemnation(StorageError)

  /// Whether nothing is lost by it.
  public var isHarmless: Bool {
    switch self {
    case .strayFile, .damagedCheckpoint, .damagedIndex: true
    case .damagedPack, .misnamedPack, .damagedRecord, .damagedLog, .brokenRef,
      .damagedCondemnation:
      false
    }
  }
}

extension ObjectStore {
  /// Checks the store and changes nothing; everything that is wrong with it.
  ///
  /// What a payload refers to is not known here: that all of it is there is checked by the room that
  /// knows, with `contains`.
  public func verify(_ level: VerificationLevel) -> [Finding] {
    var findings: [Finding] = []
    do throws(StorageError) {
      try packs.refresh()
      findings += try strayFiles()
    } catch { findings.append(.damagedLog(error)) }
    for name in packs.names { findings += verify(name, level) }
    findings += log.verify()
    findings += brokenRefs()
    findings += verifyDerived(level)
    do throws(StorageError) {
      _ = try condemnations()
    } catch { findings.append(.damagedCondemnation(error)) }
    return findings
  }

  private func verify(_ name: Digest, _ level: VerificationLevel) -> [Finding] {
    do throws(StorageError) {
      let pack = try packs.pack(name)
      let entries = try pack.footer().entries()
      if level == .records { return verifyChecks(of: entries, in: pack) }
      guard level.includes(name) else { return [] }
      let digest = try pack.digest()
      var findings: [Finding] = digest == name ? [] : [.misnamedPack(name, actual: digest)]
      let codec = ChunkCodec()
      for entry in entries.sorted(by: { $0.offset < $1.offset }) {
        do throws(StorageError) {
          let record = try pack.record(entry)
          switch entry.key.space {
          case .object: _ = try record.object()
          case .chunk: _ = try chunk(in: record, depth: entry.depth, using: codec)
          }
        } catch {
          findings.append(.damagedRecord(entry.key.digest, pack: name, error))
        }
      }
      return findings
    } catch {
      return [.damagedPack(name, error)]
    }
  }

  /// The records whose bytes are not those that were written.
  private func verifyChecks(of entries: [PackEntry], in pack: PackFile) -> [Finding] {
    entries.sorted(by: { $0.offset < $1.offset }).compactMap { entry in
      do throws(StorageError) {
        _ = try pack.recordBytes(entry)
        return nil
      } catch { return .damagedRecord(entry.key.digest, pack: pack.name, error) }
    }
  }

  private func brokenRefs() -> [Finding] {
    guard let refs = try? log.load(usingCheckpoints: false).refs else { return [] }
    return refs.sorted { $0.key < $1.key }.compactMap { name, value in
      guard case .object(let id) = value, (try? contains(id)) != true else { return nil }
      return .brokenRef(name, id)
    }
  }

  func verifyDerived(_ level: VerificationLevel) -> [Finding] {
    let isDamaged = [paths.index, paths.newIndex].contains { path in
      guard (try? files.open(path)) != nil else { return false }
      guard let index = PackIndex(path, files: files) else { return true }
      return level.readsIndexes && !index.isWhole
    }
    return isDamaged ? [.damagedIndex] : []
  }

  /// Names in `packs` and `log` that no version writes there, and what was let go but is still there.
  private func strayFiles() throws(StorageError) -> [Finding] {
    let packs: [String]
    do { packs = try files.names(in: paths.packs) } catch { throw .file(error) }
    // A log that is not there is told by the log.
    let strange = ((try? log.fileNames()) ?? []).filter { StorePaths.logSequence($0) == nil }
    let old = (try? log.filesBelowBase()) ?? []
    return packs.filter { StorePaths.packName($0) == nil }
      .map { .strayFile(paths.packs.appending($0)) }
      + (strange.map { paths.log.appending($0) } + old).map { .strayFile($0) }
  }
}

extension VerificationLevel {
  /// Whether all blocks of the indexes are read.
  var readsIndexes: Bool {
    switch self {
    case .fast, .records: false
    case .full, .subset: true
    }
  }

  /// Whether a pack is read as a whole.
  func includes(_ pack: Digest) -> Bool {
    switch self {
    case .fast, .records: false
    case .full: true
    case .subset(let part, let count):
      count > 0 && (Int(pack.bytes[0]) << 8 | Int(pack.bytes[1])) % count == part
    }
  }
}
