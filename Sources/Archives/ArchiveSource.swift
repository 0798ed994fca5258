internal import CArchive
internal import Files
internal import Glibc

/// The bytes of an archive as libarchive's callbacks ask for them: from a file, through one buffer.
///
/// An error of the file system is kept here, because a callback can only return a number.
@safe final class ArchiveSource {
  /// What one callback reads at most.
  static let bufferByteCount = 1 << 15

  private(set) var failure: FileError?
  private let reader: FileReader
  private let buffer: UnsafeMutableBufferPointer<UInt8>
  private var position = 0

  init(_ reader: FileReader) {
    self.reader = reader
    unsafe buffer = .allocate(capacity: Self.bufferByteCount)
    unsafe buffer.initialize(repeating: 0)
  }

  deinit { unsafe buffer.deallocate() }

  /// Fills the buffer with what comes next and lends it until the next call; nil after a failure.
  func next() -> UnsafeBufferPointer<UInt8>? {
    let count = min(Self.bufferByteCount, max(0, reader.byteCount - position))
    let filled = unsafe UnsafeMutableBufferPointer(rebasing: buffer[..<count])
    var span = unsafe MutableSpan(_unsafeElements: filled)
    do { try reader.read(at: position, into: &span) } catch {
      failure = error
      return nil
    }
    position += count
    return UnsafeBufferPointer(filled)
  }

  /// Moves on by `count` bytes, not beyond the end; the number of bytes moved.
  func skip(_ count: Int) -> Int {
    let skipped = max(0, min(count, reader.byteCount - position))
    position += skipped
    return skipped
  }

  /// Moves to a place that `SEEK_SET`, `SEEK_CUR` or `SEEK_END` counts from; nil outside the file.
  func seek(_ offset: Int, _ whence: Int32) -> Int? {
    let origin = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? position : reader.byteCount
    let (target, overflow) = origin.addingReportingOverflow(offset)
    guard !overflow, 0...reader.byteCount ~= target else { return nil }
    position = target
    return target
  }
}
