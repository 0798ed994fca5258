internal import Glibc

/// A directory that is held open, in which names are made one at a time and no link is followed.
///
/// Whoever replaces a directory below it by a link, at whatever moment, cannot lead a file outside:
/// every step starts from an open directory and refuses links.
public final class HeldDirectory: Sendable {
  /// Where it stood when it was opened.
  public let path: Path
  private let descriptor: Int32

  /// Opens a directory; throws where a link or anything else stands there.
  public init(_ path: Path) throws(FileError) {
    let opened = unsafe Glibc.open(path.text, Self.flags)
    guard opened >= 0 else { throw fileError(path, "open") }
    self.path = path
    descriptor = opened
  }

  private init(_ path: Path, descriptor: Int32) {
    self.path = path
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  private static let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC

  /// The directory of this name in it, which is made where it is missing.
  public func directory(_ name: String) throws(FileError) -> HeldDirectory {
    let child = path.appending(Self.component(name))
    guard unsafe mkdirat(descriptor, name, 0o777) == 0 || lastErrorNumber == EEXIST else {
      throw fileError(child, "create the directory")
    }
    let opened = unsafe openat(descriptor, name, Self.flags)
    guard opened >= 0 else { throw fileError(child, "open") }
    return HeldDirectory(child, descriptor: opened)
  }

  /// A new file of this name in it; throws where anything has the name, be it a dangling link.
  public func createFile(_ name: String) throws(FileError) -> FileWriter {
    let child = path.appending(Self.component(name))
    let flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
    let opened = unsafe openat(descriptor, name, flags, 0o666)
    guard opened >= 0 else { throw fileError(child, "create") }
    return FileWriter(child, descriptor: opened)
  }

  /// Returns when the names in it are on the disk.
  public func sync() throws(FileError) {
    guard fsync(descriptor) == 0 else { throw fileError(path, "sync") }
  }

  /// Whether this directory still stands at its path.
  public var isInPlace: Bool {
    var held = stat()
    var found = stat()
    guard unsafe fstat(descriptor, &held) == 0, unsafe lstat(path.text, &found) == 0 else {
      return false
    }
    return held.st_dev == found.st_dev && held.st_ino == found.st_ino
  }

  /// A name that is one component, which it must be.
  private static func component(_ name: String) -> String {
    let isOne = !name.isEmpty && name != "." && name != ".." && !name.utf8.contains(0x2F)
    precondition(isOne && !name.utf8.contains(0), "a name is one component")
    return name
  }
}
