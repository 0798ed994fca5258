/// The content size that the head of a zstd frame says; nil where it says none, or is no frame's.
///
/// A stored frame says its size, so that a wrong one is refused before anything is decoded.
func contentByteCount(ofFrame frame: ArraySlice<UInt8>) -> UInt64? {
  let bytes = Array(frame.prefix(18))
  guard bytes.count > 5, bytes.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) else { return nil }
  let descriptor = bytes[4]
  let isSingleSegment = descriptor & 0x20 != 0
  let windowByteCount = isSingleSegment ? 0 : 1
  let dictionaryByteCount = [0, 1, 2, 4][Int(descriptor & 3)]
  let sizeByteCount = [isSingleSegment ? 1 : 0, 2, 4, 8][Int(descriptor >> 6)]
  let start = 5 + windowByteCount + dictionaryByteCount
  guard sizeByteCount > 0, start + sizeByteCount <= bytes.count else { return nil }
  let size = bytes[start..<start + sizeByteCount].reversed().reduce(0) { $0 << 8 | UInt64($1) }
  return sizeByteCount == 2 ? size + 256 : size
}
