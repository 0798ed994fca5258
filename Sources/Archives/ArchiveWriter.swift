internal import CArchive
public import Files
internal import Glibc

/// An archive being written, member by member, in the order in which they are added.
///
/// The same members and times give the same bytes: owner 0, mode 0644 or 0755, nothing of the machine
/// or its clock. (Compressed, with the same version of libzstd.) A zip holds no times: its format
/// wants them in local time, so that they would differ from machine to machine. Memory does not grow
/// with the members. Not for use from two threads.
@safe public final class ArchiveWriter {
  private let path: Path
  private let format: ArchiveFormat
  private let sink: ArchiveSink
  private let handle: OpaquePointer
  private let utf8: locale_t?
  private var tree: MemberTree
  private var current: (name: MemberName, missingByteCount: Int)?
  private var isFinished = false

  /// Begins an archive in an empty file, whose path is named in errors.
  public init(_ file: FileWriter, format: ArchiveFormat) throws(ArchiveError) {
    guard let handle = unsafe archive_write_new() else {
      throw .file(.failed(file.path, operation: "write an archive to", errno: ENOMEM))
    }
    path = file.path
    self.format = format
    sink = ArchiveSink(file, isCompressed: format == .tarZstd)
    tree = MemberTree(of: file.path)
    unsafe self.handle = handle
    unsafe utf8 = newlocale(1 << LC_CTYPE, "C.UTF-8", nil)
    switch format {
    case .tar, .tarZstd: unsafe archive_write_set_format_pax_restricted(handle)
    case .zip:
      unsafe archive_write_set_format_zip(handle)
      unsafe archive_write_zip_set_compression_store(handle)
    }
    // Fewer, larger writes, and no padding behind the end that the format itself has.
    unsafe archive_write_set_bytes_per_block(handle, 1 << 20)
    unsafe archive_write_set_bytes_in_last_block(handle, 1)
    let client = unsafe Unmanaged.passUnretained(sink).toOpaque()
    let opened = unsafe archive_write_open(
      handle, client, nil,
      { _, data, bytes, count in
        guard let data = unsafe data, let bytes = unsafe bytes else { return -1 }
        let block = unsafe [UInt8](UnsafeRawBufferPointer(start: bytes, count: count))
        let sink = unsafe Unmanaged<ArchiveSink>.fromOpaque(data).takeUnretainedValue()
        return sink.write(block) ? count : -1
      }, nil)
    try check(opened, nil)
  }

  deinit {
    // What was not finished is not an archive: freeing alone would write an end to it.
    if !isFinished { unsafe archive_write_fail(handle) }
    unsafe archive_write_free(handle)
    if let utf8 = unsafe utf8 { unsafe freelocale(utf8) }
  }

  /// Adds a directory, whose name ends in a slash; `modified` counts seconds since 1970, UTC.
  public func addDirectory(_ name: MemberName, modified: Int) throws(ArchiveError) {
    precondition(name.isDirectory, "the name of a directory ends in a slash")
    try begin(name, byteCount: 0, permissions: 0o755, modified: modified)
  }

  /// Adds a file of `byteCount` bytes, which `append` gives next; `modified` counts seconds since
  /// 1970, UTC.
  public func addFile(
    _ name: MemberName, byteCount: Int, isExecutable: Bool = false, modified: Int
  ) throws(ArchiveError) {
    precondition(!name.isDirectory, "the name of a file does not end in a slash")
    let permissions: mode_t = isExecutable ? 0o755 : 0o644
    try begin(name, byteCount: byteCount, permissions: permissions, modified: modified)
  }

  /// Adds bytes to the file that was added last.
  public func append(_ bytes: [UInt8]) throws(ArchiveError) {
    guard let (name, missing) = current else { preconditionFailure("a file was added before") }
    guard bytes.count <= missing else {
      throw .cannotWrite(path, name, reason: "it is longer than announced")
    }
    var done = 0
    while done < bytes.count {
      let put = unsafe bytes[done...].withUnsafeBytes { rest in
        unsafe archive_write_data(handle, rest.baseAddress, rest.count)
      }
      guard put > 0 else { throw failure(name) }
      done += put
    }
    current = (name, missing - bytes.count)
  }

  /// Writes the archive's end. The file is not synced.
  public func finish() throws(ArchiveError) {
    precondition(!isFinished, "an archive is finished once")
    try endMember()
    try check(unsafe archive_write_close(handle), nil)
    isFinished = true
  }

  private func begin(
    _ name: MemberName, byteCount: Int, permissions: mode_t, modified: Int
  ) throws(ArchiveError) {
    try endMember()
    _ = try tree.insert(name)
    guard let entry = unsafe archive_entry_new() else { throw failure(name) }
    defer { unsafe archive_entry_free(entry) }
    let previous = unsafe uselocale(utf8)
    defer { unsafe uselocale(previous) }
    unsafe archive_entry_set_pathname_utf8(entry, name.text)
    let fileType: mode_t = name.isDirectory ? S_IFDIR : S_IFREG
    unsafe archive_entry_set_filetype(entry, fileType)
    unsafe archive_entry_set_perm(entry, permissions)
    unsafe archive_entry_set_size(entry, la_int64_t(byteCount))
    if format != .zip { unsafe archive_entry_set_mtime(entry, modified, 0) }
    try check(unsafe archive_write_header(handle, entry), name)
    if !name.isDirectory { current = (name, byteCount) }
  }

  private func endMember() throws(ArchiveError) {
    if let (name, missing) = current, missing > 0 {
      throw .cannotWrite(path, name, reason: "it is shorter than announced")
    }
    current = nil
  }

  private func check(_ status: Int32, _ name: MemberName?) throws(ArchiveError) {
    guard status == ARCHIVE_OK else { throw failure(name) }
  }

  private func failure(_ name: MemberName?) -> ArchiveError {
    if let failure = sink.failure { return .file(failure) }
    let text = unsafe archive_error_string(handle)
    let reason = unsafe text.map { unsafe String(cString: $0) } ?? "unknown reason"
    return .cannotWrite(path, name, reason: reason)
  }
}
