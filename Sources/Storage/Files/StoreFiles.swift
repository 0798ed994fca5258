public import Files

/// All that a store asks of a file system, and the only way it changes one: so that a test can stop,
/// refuse or forget any single step.
public protocol StoreFiles: Sendable {
  /// The names in a directory, sorted.
  func names(in directory: Path) throws(FileError) -> [String]
  /// Opens a file for reading.
  func open(_ path: Path) throws(FileError) -> any StoreFileReading

  /// Makes a directory in one that exists.
  func createDirectory(_ path: Path) throws(FileError)
  /// Makes an empty file, which must not exist.
  func create(_ path: Path) throws(FileError) -> any StoreFileWriting
  /// Gives a file a second name; throws `FileError.exists` where it is taken.
  func link(_ path: Path, as other: Path) throws(FileError)
  /// Gives a file another name, in place of what had it.
  func rename(_ path: Path, over other: Path) throws(FileError)
  /// Takes away a name.
  func remove(_ path: Path) throws(FileError)
  /// Returns when the names in a directory are on the disk.
  func syncNames(in directory: Path) throws(FileError)

  /// Takes a lock that ends with the object; nil where others hold one that does not go with it.
  func lock(_ path: Path, exclusive: Bool) throws(FileError) -> (any Sendable)?
}

/// An open file that is read at offsets.
public protocol StoreFileReading: Sendable {
  /// The file's size.
  var byteCount: Int { get }
  /// The `count` bytes that start at `offset`; throws where the file ends before.
  func bytes(at offset: Int, count: Int) throws(FileError) -> [UInt8]
}

/// A new file that is written from its start to its end.
public protocol StoreFileWriting: Sendable {
  /// Adds bytes at the end.
  func append(_ bytes: [UInt8]) throws(FileError)
  /// Returns when all bytes are on the disk.
  func sync() throws(FileError)
}
