public import Files

extension ArchiveWriter {
  /// Adds a file with the contents of one on the disk, a block at a time; refused where that is
  /// truncated meanwhile.
  public func addFile(
    _ name: MemberName, contentsOf reader: FileReader, isExecutable: Bool = false, modified: Int
  ) throws(ArchiveError) {
    try addFile(
      name, byteCount: reader.byteCount, isExecutable: isExecutable, modified: modified)
    var offset = 0
    while offset < reader.byteCount {
      let count = min(1 << 20, reader.byteCount - offset)
      try append(try read(reader, offset, count))
      offset += count
    }
  }
}
