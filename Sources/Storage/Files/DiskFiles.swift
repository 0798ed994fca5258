public import Files
internal import Synchronization

/// The file system of the machine.
public struct DiskFiles: StoreFiles {
  /// The file system.
  public init() {}

  /// The names in a directory, sorted.
  public func names(in directory: Path) throws(FileError) -> [String] {
    try directory.entryNames()
  }

  /// Opens a file for reading.
  public func open(_ path: Path) throws(FileError) -> any StoreFileReading {
    try FileReader(path)
  }

  /// Makes a directory in one that exists.
  public func createDirectory(_ path: Path) throws(FileError) { try path.createDirectory() }

  /// Makes an empty file, which must not exist.
  public func create(_ path: Path) throws(FileError) -> any StoreFileWriting {
    AppendingWriter(try FileWriter(creating: path))
  }

  /// Gives a file a second name; throws `FileError.exists` where it is taken.
  public func link(_ path: Path, as other: Path) throws(FileError) { try path.link(as: other) }

  /// Gives a file another name, in place of what had it.
  public func rename(_ path: Path, over other: Path) throws(FileError) {
    try path.rename(over: other)
  }

  /// Takes away a name.
  public func remove(_ path: Path) throws(FileError) { try path.removeFile() }

  /// Returns when the names in a directory are on the disk.
  public func syncNames(in directory: Path) throws(FileError) { try directory.syncNames() }

  /// Takes a lock that ends with the object; nil where others hold one that does not go with it.
  public func lock(_ path: Path, exclusive: Bool) throws(FileError) -> (any Sendable)? {
    try FileLock(path, exclusive: exclusive)
  }
}

extension FileReader: StoreFileReading {}

/// A file that grows at its end.
private final class AppendingWriter: StoreFileWriting {
  private let writer: FileWriter
  private let end = Mutex((written: 0, started: 0))

  private static let writebackByteCount = 2 << 20

  init(_ writer: FileWriter) { self.writer = writer }

  func append(_ bytes: [UInt8]) throws(FileError) {
    try end.withLock { end throws(FileError) in
      try writer.write(bytes, at: end.written)
      end.written += bytes.count
      // The disk has something to do while the next records are encoded; sync waits for the rest.
      if end.written - end.started >= Self.writebackByteCount {
        writer.startWriteback(at: end.started, count: end.written - end.started)
        end.started = end.written
      }
    }
  }

  func sync() throws(FileError) { try writer.sync() }
}
