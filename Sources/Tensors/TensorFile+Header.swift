internal import Files

extension TensorFile {
  /// The header's bytes as they stand in the file, with their length prefix.
  public func headerBytes() throws(TensorError) -> [UInt8] {
    do { return try reader.bytes(at: 0, count: headerByteCount) } catch { throw .file(error) }
  }
}
