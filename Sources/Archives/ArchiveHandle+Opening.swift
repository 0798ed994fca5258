internal import Files

extension ArchiveHandle {
  /// Opens an archive of any kind that is read, by its first bytes.
  ///
  /// A zip must say the same in all places before it is opened, as `ZipDirectory` checks.
  convenience init(opening reader: FileReader) throws(ArchiveError) {
    let head = try read(reader, 0, min(reader.byteCount, 4))
    let isZip = head.starts(with: "PK\u{3}\u{4}".utf8) || head.starts(with: "PK\u{5}\u{6}".utf8)
    if isZip { _ = try ZipDirectory(reading: reader) }
    try self.init(reader, container: isZip ? .zip : .tarOrSevenZip)
  }
}
