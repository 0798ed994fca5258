internal import Glibc

extension Path {
  /// Gives the file here a second name; throws `FileError.exists` where something has that name.
  ///
  /// Of several processes that try the same name, one succeeds: this is put-if-absent.
  public func link(as other: Path) throws(FileError) {
    guard unsafe Glibc.link(text, other.text) == 0 else { throw fileError(other, "link") }
  }

  /// Gives the file here another name, in place of what had it.
  public func rename(over other: Path) throws(FileError) {
    guard unsafe Glibc.rename(text, other.text) == 0 else { throw fileError(other, "rename") }
  }

  /// Makes a directory here, in one that exists.
  public func createDirectory() throws(FileError) {
    guard unsafe mkdir(text, 0o777) == 0 else { throw fileError(self, "create the directory") }
  }

  /// Deletes an empty directory.
  public func removeDirectory() throws(FileError) {
    guard unsafe rmdir(text) == 0 else { throw fileError(self, "remove") }
  }

  /// Takes away the name of a file.
  public func removeFile() throws(FileError) {
    guard unsafe unlink(text) == 0 else { throw fileError(self, "remove") }
  }

  /// Returns when the names in this directory are on the disk.
  public func syncNames() throws(FileError) { try syncDirectory() }
}
