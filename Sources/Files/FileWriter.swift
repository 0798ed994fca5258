internal import CSystem
internal import Glibc

/// A file being written at offsets, by any number of threads.
public final class FileWriter: Sendable {
  /// Where the file is.
  public let path: Path
  private let descriptor: Int32

  /// Creates a file that must not exist yet.
  public init(creating path: Path) throws(FileError) {
    let opened = unsafe Glibc.open(path.text, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard opened >= 0 else { throw fileError(path, "create") }
    self.path = path
    descriptor = opened
  }

  /// Takes over an open file.
  init(_ path: Path, descriptor: Int32) {
    self.path = path
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  /// Writes the first `count` bytes, or all, at `offset`.
  public func write(_ bytes: [UInt8], count: Int? = nil, at offset: Int) throws(FileError) {
    let count = count ?? bytes.count
    precondition(count <= bytes.count, "the buffer holds what is written")
    let failure = unsafe bytes.withUnsafeBufferPointer { bytes -> FileError? in
      var done = 0
      while done < count, let start = bytes.baseAddress {
        let put = retryingOnInterrupt {
          unsafe pwrite(descriptor, start + done, count - done, off_t(offset + done))
        }
        if put < 0 { return fileError(path, "write") }
        done += put
      }
      return nil
    }
    if let failure { throw failure }
  }

  /// Asks the kernel to start writing a range to the disk, without waiting for it.
  public func startWriteback(at offset: Int, count: Int) {
    _ = sync_file_range(descriptor, offset, count, ADAPTERCTL_START_WRITEBACK)
  }

  /// Returns when the file's bytes are on the disk.
  public func sync() throws(FileError) {
    guard fsync(descriptor) == 0 else { throw fileError(path, "sync") }
  }

  /// Writes a new file of `bytes` and syncs it.
  public static func write(_ bytes: [UInt8], creating path: Path) throws(FileError) {
    let writer = try FileWriter(creating: path)
    try writer.write(bytes, at: 0)
    try writer.sync()
  }
}

extension FileWriter {
  /// Copies a file, a few megabytes at a time, and syncs the copy.
  public static func copy(_ source: Path, creating target: Path) throws(FileError) {
    let reader = try FileReader(source)
    let writer = try FileWriter(creating: target)
    var offset = 0
    while offset < reader.byteCount {
      let count = min(4 << 20, reader.byteCount - offset)
      let bytes = try reader.bytes(at: offset, count: count)
      try writer.write(bytes, at: offset)
      offset += count
    }
    try writer.sync()
  }
}
