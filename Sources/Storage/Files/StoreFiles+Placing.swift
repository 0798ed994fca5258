internal import Files

extension StoreFiles {
  /// Writes a file under a temporary name, syncs it, and gives it its name; throws `exists` where that
  /// is taken. The name itself is on the disk after `syncNames`.
  func place(_ bytes: [UInt8], as path: Path, by temporary: Path) throws(FileError) {
    let file = try create(temporary)
    defer { try? remove(temporary) }
    try file.append(bytes)
    try file.sync()
    try link(temporary, as: path)
  }
}
