internal import Files

/// The folders in which running commands keep what they have restored aside.
public enum Checkouts {
  /// A name that no other command uses.
  static func newName() -> String { String(UInt64.random(in: 0...UInt64.max), radix: 36) }

  /// Makes a folder in the repository, or among the machine's temporary files where the repository
  /// may only be read; and what it is to be kept by.
  static func make(
    in repository: Repository
  ) throws(FileError) -> (folder: Path, held: any Sendable) {
    let own = repository.own("checkouts")
    do throws(FileError) {
      let folder = own.appending(newName())
      try own.createDirectories()
      return (folder, try hold(folder))
    } catch {
      guard case .notPermitted = error else { throw error }
      // Nobody clears away here after a kill, but the system.
      let folder = repository.temporary.appending("adapterctl-" + newName())
      try folder.createDirectory()
      return (folder, ())
    }
  }

  /// Makes such a folder, and a lock that tells that its process lives.
  static func hold(_ folder: Path) throws(FileError) -> any Sendable {
    let lock = folder.parent.appending(folder.name + ".lock")
    guard let held = try FileLock(lock, exclusive: true) else { throw .exists(folder) }
    // Also where the folder cannot be made, the lock's file goes with this.
    let whole = Held(lock: held, path: lock)
    try folder.createDirectory()
    return whole
  }

  /// A lock whose file goes with it.
  private final class Held: Sendable {
    private let lock: FileLock
    private let path: Path

    init(lock: FileLock, path: Path) {
      self.lock = lock
      self.path = path
    }

    deinit { try? path.removeFile() }
  }
}

extension Repository {
  /// Removes what killed commands left aside, or only counts it; how many folders that are.
  public func removeStaleCheckouts(isDryRun: Bool = false) throws(HistoryError) -> Int {
    let folder = own("checkouts")
    guard folder.isDirectory else { return 0 }
    var count = 0
    do throws(FileError) {
      let names = try folder.entryNames().map { name in
        name.hasSuffix(".lock") ? String(name.dropLast(5)) : name
      }
      for name in Set(names).sorted() {
        let lock = folder.appending(name + ".lock")
        guard let held = try FileLock(lock, exclusive: true) else { continue }
        defer { withExtendedLifetime(held) {} }
        count += 1
        if isDryRun { continue }
        try folder.appending(name).removeTree()
        try lock.removeFile()
      }
    } catch { throw .file(error) }
    return count
  }
}
