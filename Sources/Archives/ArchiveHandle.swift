internal import CArchive
internal import Files
internal import Glibc

/// One pass of libarchive over an archive, entry by entry: the only caller of its reading half.
///
/// libarchive converts names to the thread's locale, which is plain C in a program that sets none;
/// every call that meets a name therefore runs under `C.UTF-8`, set for this thread alone.
@safe final class ArchiveHandle {
  /// The formats one pass accepts.
  enum Container {
    /// A zip, through its central directory.
    case zip
    /// A tar, plain or compressed, or a 7z.
    case tarOrSevenZip
  }

  private let path: Path
  private let container: Container
  private var hasTop = false
  private let source: ArchiveSource
  private let handle: OpaquePointer
  private let utf8: locale_t?

  /// Begins a pass.
  init(_ reader: FileReader, container: Container = .zip) throws(ArchiveError) {
    guard let handle = unsafe archive_read_new() else {
      throw .file(.failed(reader.path, operation: "open as an archive", errno: ENOMEM))
    }
    path = reader.path
    self.container = container
    source = ArchiveSource(reader)
    unsafe self.handle = handle
    unsafe utf8 = newlocale(1 << LC_CTYPE, "C.UTF-8", nil)
    switch container {
    case .zip: unsafe archive_read_support_format_zip_seekable(handle)
    case .tarOrSevenZip:
      // Only what the library does itself: some filters would start other programs.
      unsafe archive_read_support_format_tar(handle)
      unsafe archive_read_support_format_7zip(handle)
      unsafe archive_read_support_filter_gzip(handle)
      unsafe archive_read_support_filter_xz(handle)
      unsafe archive_read_support_filter_bzip2(handle)
      unsafe archive_read_support_filter_zstd(handle)
    }
    unsafe archive_read_set_callback_data(handle, Unmanaged.passUnretained(source).toOpaque())
    unsafe archive_read_set_read_callback(handle) { _, data, block in
      guard let data = unsafe data,
        let bytes = unsafe Unmanaged<ArchiveSource>.fromOpaque(data).takeUnretainedValue().next()
      else { return -1 }
      unsafe block?.pointee = UnsafeRawPointer(bytes.baseAddress)
      return bytes.count
    }
    unsafe archive_read_set_skip_callback(handle) { _, data, count in
      guard let data = unsafe data else { return 0 }
      return la_int64_t(
        unsafe Unmanaged<ArchiveSource>.fromOpaque(data).takeUnretainedValue().skip(Int(count))
      )
    }
    unsafe archive_read_set_seek_callback(handle) { _, data, offset, whence in
      guard let data = unsafe data,
        let position = unsafe Unmanaged<ArchiveSource>.fromOpaque(data).takeUnretainedValue()
          .seek(Int(offset), whence)
      else { return la_int64_t(ARCHIVE_FATAL) }
      return la_int64_t(position)
    }
    let opened = unsafe archive_read_open1(handle)
    guard opened == ARCHIVE_OK else { throw failure() }
  }

  deinit {
    unsafe archive_read_free(handle)
    if let utf8 = unsafe utf8 { unsafe freelocale(utf8) }
  }

  /// The entry that comes next in the order of the bytes; nil behind the last one.
  func nextEntry() throws(ArchiveError) -> ArchiveEntry? {
    let previous = unsafe uselocale(utf8)
    defer { unsafe uselocale(previous) }
    var entry: OpaquePointer?
    let status = unsafe archive_read_next_header(handle, &entry)
    if status == ARCHIVE_EOF { return nil }
    guard status == ARCHIVE_OK, let entry = unsafe entry else { throw failure() }
    guard let pointer = unsafe archive_entry_pathname_utf8(entry),
      let text = unsafe String(validatingCString: pointer)
    else { throw .malformed(path, rule: "has a member whose name is not UTF-8") }
    guard unsafe archive_entry_is_encrypted(entry) == 0 else {
      throw .encrypted(path, member: text)
    }
    // The C macros for these two file types are the numbers of <sys/stat.h>.
    let fileType = unsafe archive_entry_filetype(entry)
    guard let text = spelling(text, isDirectory: fileType == S_IFDIR) else {
      guard !hasTop else { throw .malformed(path, rule: "has its top directory twice") }
      hasTop = true
      return try nextEntry()
    }
    guard let name = MemberName(text) else { throw .unsafeName(path, member: text) }
    let isLink =
      unsafe archive_entry_symlink(entry) != nil || archive_entry_hardlink(entry) != nil
    guard !isLink, fileType == (name.isDirectory ? S_IFDIR : S_IFREG) else {
      throw .notAFile(path, member: name)
    }
    let byteCount = unsafe Int(archive_entry_size(entry))
    guard unsafe archive_entry_size_is_set(entry) != 0, byteCount >= 0 else {
      throw .malformed(path, rule: "does not say how large its member \(name) is")
    }
    return ArchiveEntry(name: name, byteCount: byteCount)
  }

  /// Fills `buffer` with what comes next of the current entry; the number of bytes, 0 at its end,
  /// where libarchive has compared the checksum.
  func readData(of name: MemberName, into buffer: inout MutableSpan<UInt8>) throws(ArchiveError)
    -> Int
  {
    let count = unsafe buffer.withUnsafeMutableBufferPointer { bytes in
      unsafe archive_read_data(handle, bytes.baseAddress, bytes.count)
    }
    guard count >= 0 else {
      if let failure = source.failure { throw .file(failure) }
      throw .unreadable(path, name, reason: message)
    }
    return count
  }

  /// The name without what other archives than zips may have in addition: `./` in front, and no
  /// slash behind a directory. Nil for the top directory itself.
  private func spelling(_ name: String, isDirectory: Bool) -> String? {
    guard container != .zip else { return name }
    if isDirectory, name == "." || name == "./" { return nil }
    let inside = name.hasPrefix("./") ? String(name.dropFirst(2)) : name
    return isDirectory && !inside.hasSuffix("/") ? inside + "/" : inside
  }

  private var message: String {
    guard let text = unsafe archive_error_string(handle) else { return "unknown reason" }
    return unsafe String(cString: text)
  }

  private var expectation: String {
    container == .zip ? "a zip" : "a tar, zip or 7z"
  }

  private func failure() -> ArchiveError {
    if let failure = source.failure { return .file(failure) }
    return .malformed(path, rule: "is not \(expectation) that can be read: \(message)")
  }
}
