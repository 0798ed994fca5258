internal import Glibc

/// An open file, read at offsets.
///
/// Files that users own are never mapped: truncating a mapped file kills its reader, while `pread`
/// comes back short and is reported as `FileError.truncated`. Reads from several threads do not
/// disturb one another.
public final class FileReader: Sendable {
  /// Where the file is.
  public let path: Path
  /// The file's size when it was opened, in bytes.
  public let byteCount: Int
  /// The file's stamp when it was opened.
  public let stampWhenOpened: FileStamp
  private let descriptor: Int32
  private let contents: (any ComputedContents)?

  /// Opens a regular file for reading; throws where it is absent, unreadable or not a file.
  public init(_ path: Path) throws(FileError) {
    // Without O_NONBLOCK, opening a pipe would wait for its writer before it can be refused.
    let opened = unsafe Glibc.open(path.text, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard opened >= 0 else { throw fileError(path, "open") }
    var status = stat()
    guard unsafe fstat(opened, &status) == 0 else {
      let error = fileError(path, "stat")
      close(opened)
      throw error
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      close(opened)
      throw status.st_mode & S_IFMT == S_IFDIR ? FileError.isDirectory(path) : .notRegular(path)
    }
    self.path = path
    byteCount = Int(status.st_size)
    stampWhenOpened = FileStamp(status)
    descriptor = opened
    contents = nil
  }

  /// A file that stands nowhere: its bytes are computed from those of another one, under whose path
  /// and stamp it is known.
  public init(computing contents: any ComputedContents, from source: FileReader) {
    path = source.path
    byteCount = contents.byteCount
    stampWhenOpened = source.stampWhenOpened
    descriptor = fcntl(source.descriptor, F_DUPFD_CLOEXEC, 0)
    self.contents = contents
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Fills the first `count` bytes of `buffer` with those that start at `offset`; throws if the
  /// file ends before.
  public func read(at offset: Int, count: Int, into buffer: inout [UInt8]) throws(FileError) {
    precondition(count <= buffer.count, "the buffer has room for what is read")
    if let contents {
      let bytes = try computed(contents, from: offset, count: count)
      return buffer.replaceSubrange(0..<count, with: bytes)
    }
    let failure = unsafe buffer.withUnsafeMutableBufferPointer { bytes in
      unsafe fill(bytes.baseAddress, count, from: offset)
    }
    if let failure { throw failure }
  }

  /// Fills `buffer` with the bytes that start at `offset`; throws if the file ends before.
  public func read(at offset: Int, into buffer: inout MutableSpan<UInt8>) throws(FileError) {
    if let contents {
      let bytes = try computed(contents, from: offset, count: buffer.count)
      for index in bytes.indices { buffer[index] = bytes[index] }
      return
    }
    let failure = unsafe buffer.withUnsafeMutableBufferPointer { bytes in
      unsafe fill(bytes.baseAddress, bytes.count, from: offset)
    }
    if let failure { throw failure }
  }

  private func computed(
    _ contents: any ComputedContents, from offset: Int, count: Int
  ) throws(FileError) -> [UInt8] {
    guard offset >= 0, count <= byteCount, offset <= byteCount - count else {
      throw .truncated(path, offset: offset, wanted: count)
    }
    return try contents.bytes(offset..<offset + count)
  }

  private func fill(
    _ start: UnsafeMutablePointer<UInt8>?, _ count: Int, from offset: Int
  ) -> FileError? {
    var done = 0
    while done < count, let start = unsafe start {
      let got = retryingOnInterrupt {
        unsafe pread(descriptor, start + done, count - done, off_t(offset + done))
      }
      if got < 0 { return fileError(path, "read") }
      if got == 0 { return .truncated(path, offset: offset, wanted: count) }
      done += got
    }
    return nil
  }

  /// The `count` bytes that start at `offset`.
  ///
  /// The caller bounds `count`; asking for more than the file holds throws before anything is
  /// allocated.
  public func bytes(at offset: Int, count: Int) throws(FileError) -> [UInt8] {
    guard offset >= 0, count >= 0, count <= byteCount, offset <= byteCount - count else {
      throw .truncated(path, offset: offset, wanted: count)
    }
    if let contents { return try computed(contents, from: offset, count: count) }
    var failure: FileError?
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { bytes, filled in
      failure = unsafe fill(bytes.baseAddress, count, from: offset)
      filled = failure == nil ? count : 0
    }
    if let failure { throw failure }
    return bytes
  }

  /// The file's stamp now: another one than before where it was written to meanwhile.
  public func stamp() throws(FileError) -> FileStamp {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { throw fileError(path, "stat") }
    return FileStamp(status)
  }

  /// Tells the kernel that a range will be read soon.
  public func willNeed(at offset: Int, count: Int) {
    guard contents == nil else { return }
    _ = posix_fadvise(descriptor, off_t(offset), off_t(count), POSIX_FADV_WILLNEED)
  }

  /// The whole file, which may hold at most `limit` bytes.
  public static func contents(of path: Path, limit: Int) throws(FileError) -> [UInt8] {
    let reader = try FileReader(path)
    guard reader.byteCount <= limit else {
      throw .failed(path, operation: "read a file of at most \(limit) bytes", errno: EFBIG)
    }
    return try reader.bytes(at: 0, count: reader.byteCount)
  }
}
