internal import Glibc

// The system calls of this room, each retried on EINTR and turned into a FileError in one place.

/// The number of the last failed system call on this thread.
var lastErrorNumber: Int32 { errno }

/// The error for a failed call on `path`.
func fileError(_ path: Path, _ operation: String, _ number: Int32 = lastErrorNumber) -> FileError {
  switch number {
  case ENOENT: return .notFound(path)
  case EISDIR: return .isDirectory(path)
  case ENOTDIR: return .notDirectory(path)
  case EEXIST, ENOTEMPTY: return .exists(path)
  case EACCES, EPERM, EROFS: return .notPermitted(path)
  case ENOSPC, EDQUOT: return .noSpace(path)
  case EFBIG: return .tooLarge(path)
  default: return .failed(path, operation: operation, errno: number)
  }
}

/// Repeats a call while a signal interrupts it.
func retryingOnInterrupt(_ call: () -> Int) -> Int {
  while true {
    let result = call()
    if result >= 0 || lastErrorNumber != EINTR { return result }
  }
}

extension FileError {
  /// Whether it tells of the process or the moment, and nothing of the file: too many files are open,
  /// memory is short, a signal came.
  public var isPassing: Bool {
    guard case .failed(_, _, let number) = self else { return false }
    return [EMFILE, ENFILE, ENOMEM, EINTR, EAGAIN].contains(number)
  }
}
