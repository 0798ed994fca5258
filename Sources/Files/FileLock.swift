internal import CSystem
internal import Glibc

/// A lock on a file that belongs to this object and ends with it, or with the process.
///
/// It is an open-file-description lock: nothing is written, nothing can be left behind, and threads
/// of one process are kept apart like processes.
public final class FileLock: Sendable {
  private let descriptor: Int32

  /// Takes the lock of a file, which is made where it is missing; nil where others hold one that
  /// does not go with this.
  public init?(_ path: Path, exclusive: Bool) throws(FileError) {
    let opened = unsafe Glibc.open(path.text, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
    guard opened >= 0 else { throw fileError(path, "open") }
    descriptor = opened
    guard adapterctl_lock(opened, exclusive ? 1 : 0) == 0 else {
      // The deinitialiser closes the file: the object is whole already.
      let number = lastErrorNumber
      if number == EAGAIN || number == EACCES { return nil }
      throw fileError(path, "lock", number)
    }
  }

  deinit { close(descriptor) }
}
