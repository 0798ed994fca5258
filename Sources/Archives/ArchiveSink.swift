internal import Files

/// Where libarchive's callback puts the bytes of an archive: into a file, one block behind the other.
///
/// Compressed, each block is a frame with a checksum, which the library's own filter does not write: a
/// bit that changes in a file on its way is found by whatever reads it.
///
/// An error of the file system is kept here, because a callback can only return a number.
final class ArchiveSink {
  private(set) var failure: FileError?
  private let writer: FileWriter
  private var position = 0

  private let coder: ZstdCoder?

  init(_ writer: FileWriter, isCompressed: Bool) {
    self.writer = writer
    coder = isCompressed ? ZstdCoder() : nil
  }

  /// Writes a block; whether that succeeded.
  func write(_ bytes: [UInt8]) -> Bool {
    let bytes = coder?.compress(bytes.span, coding: .checked(level: 3)) ?? bytes
    do { try writer.write(bytes, at: position) } catch {
      failure = error
      return false
    }
    position += bytes.count
    return true
  }
}
