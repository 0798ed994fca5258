/// Fixed-width little-endian fields of a record in memory; nothing is read beyond its end.
struct LittleEndianBytes {
  private let bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var count: Int { bytes.count }

  /// A field of 1 to 8 bytes; nil where it reaches beyond the end or its value does not fit in
  /// `Int`.
  func field(at offset: Int, width: Int) -> Int? {
    guard offset >= 0, width >= 0, offset <= bytes.count - width else { return nil }
    let value = bytes[offset..<offset + width].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return Int(exactly: value)
  }

  /// `count` bytes as they are; nil where they reach beyond the end.
  func slice(at offset: Int, count: Int) -> ArraySlice<UInt8>? {
    guard offset >= 0, count >= 0, offset <= bytes.count - count else { return nil }
    return bytes[offset..<offset + count]
  }
}
