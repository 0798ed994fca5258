public import Files
public import Storage
internal import Synchronization

/// What is known of files that have not changed since they were hashed, so that they need not be read
/// again: `cache/digests`, derived, and ignored where it is damaged. Beside a large one, what was
/// learnt since it was written is in `cache/digests-new`, so that a command writes what it adds and
/// not all that is known.
///
/// A file is known by its stamp: device, number, size and both times. As in git, a file that was
/// changed within a second before this command began is not recorded: a further change might leave
/// no trace in its times. Safe to use from several threads.
public final class DigestCache: Sendable {
  /// The most bytes of the cache; the files that were recorded first are dropped.
  public static let maximumByteCount = 32 << 20
  private static let name = "cache/digests"
  private static let newName = "cache/digests-new"
  /// Up to this size, and up to an eighth of the other file, there is a second file.
  private static let newByteCount = 64 << 10

  private struct State {
    var stored: DigestCacheFile
    var new: DigestCacheFile
    var recorded: [FileStamp: FileDigests] = [:]

    subscript(stamp: FileStamp) -> FileDigests? { recorded[stamp] ?? new[stamp] ?? stored[stamp] }
  }

  private let store: ObjectStore
  private let now: Timestamp
  private let distrusted: Bool
  private let state: Mutex<State>

  /// The repository's cache. `now` is when the command began, by the system's clock, which sets the
  /// files' times too. With `distrusted` nothing that was stored is believed.
  public init(_ repository: Repository, now: Timestamp, distrusted: Bool = false) {
    store = repository.store
    self.now = now
    self.distrusted = distrusted
    func file(_ name: String) -> DigestCacheFile {
      // A cache that cannot be read is one that is not there.
      let bytes = try? repository.store.localFile(name, limit: Self.maximumByteCount)
      return bytes.flatMap { DigestCacheFile($0) } ?? DigestCacheFile()
    }
    let none = DigestCacheFile()
    state = Mutex(
      distrusted
        ? State(stored: none, new: none)
        : State(stored: file(Self.name), new: file(Self.newName)))
  }

  /// What is known of the file with this stamp; nil where nothing is.
  public func lookup(_ stamp: FileStamp) -> FileDigests? {
    state.withLock { $0[stamp] }
  }

  /// What is known of the file at a path, links followed; nil where nothing is, or no file.
  public func lookup(_ path: Path) -> FileDigests? {
    (try? FileStamp(path)).flatMap { lookup($0) }
  }

  /// Keeps what was computed of a file that had this stamp before and after it was read. What was
  /// known of it besides stays known.
  public func record(_ digests: FileDigests, for stamp: FileStamp) {
    guard isSettled(stamp) else { return }
    state.withLock { state in
      state.recorded[stamp] = state[stamp].map { digests.adding($0) } ?? digests
    }
  }

  /// Writes the cache, where something was recorded. A cache that cannot be written is no failure:
  /// the files will be read again.
  public func save() {
    let writes = state.withLock { state -> [(name: String, bytes: [UInt8])] in
      guard !state.recorded.isEmpty else { return [] }
      defer { state.recorded = [:] }
      let grown = state.new.adding(state.recorded, limit: Self.maximumByteCount)
      if state.stored.sealed.count > Self.newByteCount,
        grown.sealed.count <= max(Self.newByteCount, state.stored.sealed.count / 8)
      {
        state.new = grown
        return [(Self.newName, grown.sealed)]
      }
      let hadNew = distrusted || state.new.entryCount > 0
      state.stored = state.stored.adding(grown.entries, limit: Self.maximumByteCount)
      state.new = DigestCacheFile()
      // In this order: between the two, some is known twice, and nothing forgotten.
      return [(Self.name, state.stored.sealed)] + (hadNew ? [(Self.newName, state.new.sealed)] : [])
    }
    for write in writes {
      do { try store.replaceLocalFile(write.name, with: write.bytes, synced: false) } catch {
        return
      }
    }
  }

  /// Whether any later change of the file would show in its times.
  private func isSettled(_ stamp: FileStamp) -> Bool {
    let latest = max(stamp.modified, stamp.changed)
    return latest / 1_000_000_000 < now.seconds - 1
  }
}
