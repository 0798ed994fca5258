/// A cursor over stored bytes that checks whatever it reads.
struct ByteReader {
  private let bytes: [UInt8]
  private let end: Int
  /// The byte that is read next.
  private(set) var offset: Int

  /// Starts at the first byte of `range`, or of all.
  init(_ bytes: [UInt8], in range: Range<Int>? = nil) {
    self.bytes = bytes
    offset = range?.lowerBound ?? 0
    end = range?.upperBound ?? bytes.count
    precondition(offset >= 0 && offset <= end && end <= bytes.count)
  }

  /// The bytes that are left.
  var left: Int { end - offset }

  /// The next byte.
  mutating func byte() throws(StorageError) -> UInt8 {
    guard offset < end else { throw .malformedEncoding(rule: "ends early") }
    defer { offset += 1 }
    return bytes[offset]
  }

  /// The next `count` bytes.
  mutating func next(_ count: Int) throws(StorageError) -> ArraySlice<UInt8> {
    guard count >= 0, count <= left else { throw .malformedEncoding(rule: "ends early") }
    defer { offset += count }
    return bytes[offset..<offset + count]
  }

  /// The next two bytes.
  mutating func uint16() throws(StorageError) -> UInt16 { UInt16(try number(2)) }

  /// The next four bytes.
  mutating func uint32() throws(StorageError) -> UInt32 { UInt32(try number(4)) }

  /// The next eight bytes.
  mutating func uint64() throws(StorageError) -> UInt64 { try number(8) }

  private mutating func number(_ width: Int) throws(StorageError) -> UInt64 {
    try next(width).reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}

extension [UInt8] {
  /// Appends the number's bytes, the lowest first.
  mutating func append(littleEndian number: some FixedWidthInteger & UnsignedInteger) {
    for shift in stride(from: 0, to: type(of: number).bitWidth, by: 8) {
      append(UInt8(truncatingIfNeeded: number >> shift))
    }
  }
}
