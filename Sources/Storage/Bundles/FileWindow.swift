internal import Files

/// A part of a file, read as if it were all of it.
struct FileWindow: StoreFileReading {
  let file: any StoreFileReading
  let path: Path
  let offset: Int
  let byteCount: Int

  func bytes(at start: Int, count: Int) throws(FileError) -> [UInt8] {
    guard start >= 0, count >= 0, count <= byteCount, start <= byteCount - count else {
      throw .truncated(path, offset: offset + start, wanted: count)
    }
    return try file.bytes(at: offset + start, count: count)
  }
}
