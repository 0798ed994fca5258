internal import CSystem
internal import Glibc

/// A directory that is filled under a temporary name beside its final one and appears there whole.
///
/// Nothing stands under the final name before `publish` returns; a failure, a signal or a power cut
/// leaves at most the temporary directory, which the next staging for the same name removes. The
/// temporary directory is locked while its process lives, so that a stale one is told from one in
/// use without a clock.
public final class StagedDirectory {
  /// The name the directory will have.
  public let destination: Path
  /// Where files are written until then.
  public let path: Path
  private var lock: Int32
  private var isOpen = true

  /// Makes an empty staging directory for `destination`.
  ///
  /// Throws `FileError.exists` when something stands there already, unless `replacing` allows it.
  public init(for destination: Path, replacing: Bool = false) throws(FileError) {
    if destination.kind != nil, !replacing { throw .exists(destination) }
    let parent = destination.parent
    try parent.createDirectories()
    Self.removeStale(in: parent, for: destination)
    path = parent.appending(".\(destination.name).partial-\(getpid())")
    guard unsafe mkdir(path.text, 0o777) == 0 else {
      // The user knows the directory that refuses, and not the temporary name in it.
      let error = fileError(path, "create")
      throw error == .notPermitted(path) ? .notPermitted(parent) : error
    }
    lock = unsafe Glibc.open(path.text, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    self.destination = destination
    guard lock >= 0, flock(lock, LOCK_EX | LOCK_NB) == 0 else {
      let error = fileError(path, "lock")
      discard()
      throw error
    }
  }

  deinit { discard() }

  /// Renames the finished directory to its final name, after syncing it.
  ///
  /// The files in it must be synced already. With `replacing`, what stood there is exchanged in one
  /// step and then deleted.
  public func publish(replacing: Bool = false) throws(FileError) {
    try path.syncDirectory()
    if replacing, destination.kind != nil {
      try rename(flags: ADAPTERCTL_RENAME_EXCHANGE)
      // What stood there has the temporary name now.
      try path.removeTree()
    } else {
      try rename(flags: ADAPTERCTL_RENAME_NOREPLACE)
    }
    isOpen = false
    close(lock)
    try destination.parent.syncDirectory()
  }

  private func rename(flags: UInt32) throws(FileError) {
    let renamed = unsafe renameat2(AT_FDCWD, path.text, AT_FDCWD, destination.text, flags)
    if renamed == 0 { return }
    guard lastErrorNumber == EINVAL else { throw fileError(destination, "publish") }
    // A file system without these flags. A plain rename replaces nothing but an empty directory.
    if flags == ADAPTERCTL_RENAME_EXCHANGE { try destination.removeTree() }
    guard unsafe Glibc.rename(path.text, destination.text) == 0 else {
      throw fileError(destination, "publish")
    }
  }

  /// Deletes the staging directory; does nothing after `publish`.
  public func discard() {
    guard isOpen else { return }
    isOpen = false
    try? path.removeTree()
    if lock >= 0 { close(lock) }
  }

  /// Removes what an ended process left of an earlier attempt at the same name.
  private static func removeStale(in parent: Path, for destination: Path) {
    let prefix = ".\(destination.name).partial-"
    for name in (try? parent.entryNames()) ?? [] where name.hasPrefix(prefix) {
      // A live process may be about to lock it; one of this process's own number is not live.
      let process = pid_t(name.dropFirst(prefix.count)) ?? 0
      if process > 0, process != getpid(), kill(process, 0) == 0 { continue }
      let stale = parent.appending(name)
      let opened = unsafe Glibc.open(stale.text, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
      guard opened >= 0 else { continue }
      if flock(opened, LOCK_EX | LOCK_NB) == 0 { try? stale.removeTree() }
      close(opened)
    }
  }
}
