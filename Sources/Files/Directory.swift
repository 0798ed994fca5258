internal import Glibc

/// What stands at a path.
public enum FileKind: Sendable {
  /// A regular file, of so many bytes.
  case file(byteCount: Int)
  /// A directory.
  case directory
  /// A device, socket, pipe or dangling link.
  case other
}

extension Path {
  /// What stands here, links followed; nil where there is nothing.
  public var kind: FileKind? {
    var status = stat()
    guard unsafe stat(text, &status) == 0 else {
      return unsafe lstat(text, &status) == 0 ? .other : nil
    }
    switch status.st_mode & S_IFMT {
    case S_IFREG: return .file(byteCount: Int(status.st_size))
    case S_IFDIR: return .directory
    default: return .other
    }
  }

  /// Whether a symbolic link stands here, wherever it leads.
  public var isLink: Bool {
    var status = stat()
    return unsafe lstat(text, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
  }

  /// Whether a directory stands here.
  public var isDirectory: Bool {
    if case .directory = kind { return true }
    return false
  }

  /// Whether a regular file stands here.
  public var isFile: Bool {
    if case .file = kind { return true }
    return false
  }

  /// The names in this directory, sorted, without `.` and `..`.
  public func entryNames() throws(FileError) -> [String] {
    guard let directory = unsafe opendir(text) else { throw fileError(self, "list") }
    defer { unsafe closedir(directory) }
    var names: [String] = []
    while let entry = unsafe readdir(directory) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) {
          unsafe String(cString: $0)
        }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// Makes this directory and those above it that are missing.
  public func createDirectories() throws(FileError) {
    if isDirectory { return }
    if kind != nil { throw .notDirectory(self) }
    if parent != self, parent.text != "." { try parent.createDirectories() }
    guard unsafe mkdir(text, 0o777) == 0 || lastErrorNumber == EEXIST else {
      throw fileError(self, "create the directory")
    }
  }

  /// Deletes whatever stands here, a directory with all that is in it; links are not followed.
  public func removeTree() throws(FileError) {
    var status = stat()
    guard unsafe lstat(text, &status) == 0 else {
      if lastErrorNumber == ENOENT { return }
      throw fileError(self, "remove")
    }
    if status.st_mode & S_IFMT == S_IFDIR {
      for name in try entryNames() { try appending(name).removeTree() }
      guard unsafe rmdir(text) == 0 else { throw fileError(self, "remove") }
    } else {
      guard unsafe unlink(text) == 0 else { throw fileError(self, "remove") }
    }
  }

  /// Syncs the directory itself, so that the names in it survive a power cut.
  func syncDirectory() throws(FileError) {
    let opened = unsafe Glibc.open(text, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard opened >= 0 else { throw fileError(self, "open") }
    defer { close(opened) }
    guard fsync(opened) == 0 else { throw fileError(self, "sync") }
  }

  /// The bytes that an unprivileged user may still write on the file system of this directory.
  public func freeByteCount() throws(FileError) -> Int {
    var status = statvfs()
    guard unsafe statvfs(text, &status) == 0 else { throw fileError(self, "ask for free space of") }
    let (bytes, overflow) = Int(status.f_bavail).multipliedReportingOverflow(
      by: Int(status.f_frsize))
    return overflow ? Int.max : bytes
  }

  /// This path from the root, links resolved, for comparing two paths; self where that fails.
  public var resolved: Path {
    guard let real = unsafe realpath(text, nil) else { return self }
    defer { unsafe free(real) }
    return unsafe Path(String(cString: real))
  }
}
