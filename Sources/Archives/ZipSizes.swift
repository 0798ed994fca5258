/// The numbers of a zip header that ZIP64 moves to an extra field once they outgrow 32 bits.
struct ZipSizes {
  var byteCount: Int
  var compressedByteCount: Int
  var headerOffset: Int
  var disk: Int

  /// Replaces every number that says "see ZIP64" by the one in the extra fields; false where the
  /// extra fields are cut off, say it twice or lack a number.
  mutating func widen(by extra: [UInt8]) -> Bool {
    let extra = LittleEndianBytes(extra)
    var wide: Range<Int>?
    var offset = 0
    // A writer may pad with fewer bytes than a field's head has.
    while let tag = extra.field(at: offset, width: 2),
      let count = extra.field(at: offset + 2, width: 2)
    {
      guard extra.slice(at: offset + 4, count: count) != nil else { return false }
      if tag == 0x0001 {
        guard wide == nil else { return false }
        wide = offset + 4..<offset + 4 + count
      }
      offset += 4 + count
    }
    // The field has exactly the numbers that are missing, in this order.
    var next = wide ?? 0..<0
    func take(_ width: Int) -> Int? {
      guard next.count >= width else { return nil }
      defer { next = next.lowerBound + width..<next.upperBound }
      return extra.field(at: next.lowerBound, width: width)
    }
    if byteCount == 0xFFFF_FFFF {
      guard let value = take(8) else { return false }
      byteCount = value
    }
    if compressedByteCount == 0xFFFF_FFFF {
      guard let value = take(8) else { return false }
      compressedByteCount = value
    }
    if headerOffset == 0xFFFF_FFFF {
      guard let value = take(8) else { return false }
      headerOffset = value
    }
    if disk == 0xFFFF {
      guard let value = take(4) else { return false }
      disk = value
    }
    return true
  }
}
