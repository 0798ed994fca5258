internal import Adapters
internal import Storage

extension Repository {
  /// A stored file's bytes, piece by piece and in order; each piece is at most 1 MiB.
  public func forEachPiece(
    of file: FileRecord, _ body: ([UInt8]) -> Void
  ) throws(HistoryError) {
    try Restoring(self, execution: Execution()).forEachChunk(of: file) { bytes, _ in body(bytes) }
  }

  /// A stored file's bytes, where there are few enough and they are text; nil for any other file.
  public func text(of file: FileRecord, limit: Int = 1 << 20) throws(HistoryError) -> String? {
    guard file.byteCount <= limit, file.tensors.isEmpty else { return nil }
    var bytes: [UInt8] = []
    try forEachPiece(of: file) { bytes += $0 }
    guard !bytes.contains(0) else { return nil }
    return String(validating: bytes, as: UTF8.self)
  }
}
