internal import Glibc

/// What tells that a file is the one it was: where it is kept, its size, and when it was changed.
public struct FileStamp: Hashable, Sendable {
  /// The device it is on.
  public let device: UInt64
  /// Its number there.
  public let inode: UInt64
  /// Its size.
  public let byteCount: Int
  /// When its bytes were changed, in nanoseconds since 1970.
  public let modified: Int
  /// When its bytes or its attributes were changed, in nanoseconds since 1970.
  public let changed: Int

  /// A stamp that was written down.
  public init(device: UInt64, inode: UInt64, byteCount: Int, modified: Int, changed: Int) {
    self.device = device
    self.inode = inode
    self.byteCount = byteCount
    self.modified = modified
    self.changed = changed
  }

  /// The stamp of the file at a path, links followed.
  public init(_ path: Path) throws(FileError) {
    var status = stat()
    guard unsafe stat(path.text, &status) == 0 else { throw fileError(path, "stat") }
    self.init(status)
  }

  init(_ status: stat) {
    self.init(
      device: UInt64(status.st_dev), inode: UInt64(status.st_ino),
      byteCount: Int(status.st_size), modified: Self.nanoseconds(status.st_mtim),
      changed: Self.nanoseconds(status.st_ctim))
  }

  private static func nanoseconds(_ time: timespec) -> Int {
    let (whole, overflow) = time.tv_sec.multipliedReportingOverflow(by: 1_000_000_000)
    return overflow ? Int.max : whole &+ time.tv_nsec
  }
}
