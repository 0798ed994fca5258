internal import History
internal import Storage

/// Stored files on standard output.
enum StoredBytes {
  /// Writes a file's bytes as they are. On a terminal text is escaped, and anything else refused.
  static func write(_ file: FileRecord, of repository: Repository, named name: String) throws {
    do throws(HistoryError) {
      guard Terminal.showsOutput else {
        return try repository.forEachPiece(of: file) { Terminal.write(bytes: $0) }
      }
      if let text = try repository.text(of: file) { return write(text) }
    } catch { throw Failure(error) }
    throw Failure(
      .usage, "binary", "\(name) is no short text, and is not written to a terminal.",
      hint: "redirect the output to a file")
  }

  /// Writes text as it is; on a terminal with all control characters but tabs escaped.
  static func write(_ text: String) {
    guard Terminal.showsOutput else { return Terminal.write(bytes: Array(text.utf8)) }
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    for line in lines {
      Terminal.write(
        line.split(separator: "\t", omittingEmptySubsequences: false)
          .map { Terminal.escaped(String($0)) }.joined(separator: "\t"))
    }
  }
}
