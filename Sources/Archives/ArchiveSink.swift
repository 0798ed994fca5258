internal import Files

/// Where libarchive's callback puts the bytes of an archive: into a file, one block behind the other.
///
/// An error of the file system is kept here, because a callback can only return a number.
final class ArchiveSink {
  private(set) var failure: FileError?
  private let writer: FileWriter
  private var position = 0

  init(_ writer: FileWriter) { self.writer = writer }

  /// Writes a block; whether that succeeded.
  func write(_ bytes: [UInt8]) -> Bool {
    do { try writer.write(bytes, at: position) } catch {
      failure = error
      return false
    }
    position += bytes.count
    return true
  }
}
