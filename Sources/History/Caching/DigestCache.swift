public import Files
public import Storage
internal import Synchronization

/// What is known of files that have not changed since they were hashed, so that they need not be read
/// again: `cache/digests`, derived, and ignored where it is damaged.
///
/// A file is known by its stamp: device, number, size and both times. As in git, a file that was
/// changed within a second before this command began is not recorded: a further change might leave
/// no trace in its times. Safe to use from several threads.
public final class DigestCache: Sendable {
  /// The most bytes of the cache; the files that were recorded first are dropped.
  public static let maximumByteCount = 32 << 20
  private static let name = "cache/digests"

  private struct State {
    var stored: DigestCacheFile
    var recorded: [FileStamp: FileDigests] = [:]
  }

  private let store: ObjectStore
  private let now: Timestamp
  private let state: Mutex<State>

  /// The repository's cache. `now` is when the command began, by the system's clock, which sets the
  /// files' times too. With `distrusted` nothing that was stored is believed.
  public init(_ repository: Repository, now: Timestamp, distrusted: Bool = false) {
    store = repository.store
    self.now = now
    var bytes: [UInt8]?
    if !distrusted {
      // A cache that cannot be read is one that is not there.
      bytes = try? store.localFile(Self.name, limit: Self.maximumByteCount)
    }
    state = Mutex(State(stored: bytes.flatMap { DigestCacheFile($0) } ?? DigestCacheFile()))
  }

  /// What is known of the file with this stamp; nil where nothing is.
  public func lookup(_ stamp: FileStamp) -> FileDigests? {
    state.withLock { $0.recorded[stamp] ?? $0.stored[stamp] }
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
      let earlier = state.recorded[stamp] ?? state.stored[stamp]
      state.recorded[stamp] = earlier.map { digests.adding($0) } ?? digests
    }
  }

  /// Writes the cache, where something was recorded. A cache that cannot be written is no failure:
  /// the files will be read again.
  public func save() {
    let bytes = state.withLock { state -> [UInt8]? in
      guard !state.recorded.isEmpty else { return nil }
      state.stored = state.stored.adding(state.recorded, limit: Self.maximumByteCount)
      state.recorded = [:]
      return state.stored.sealed
    }
    guard let bytes else { return }
    try? store.replaceLocalFile(Self.name, with: bytes, synced: false)
  }

  /// Whether any later change of the file would show in its times.
  private func isSettled(_ stamp: FileStamp) -> Bool {
    let latest = max(stamp.modified, stamp.changed)
    return latest / 1_000_000_000 < now.seconds - 1
  }
}
