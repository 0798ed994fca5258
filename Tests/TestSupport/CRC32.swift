/// The checksum of zip and of Python's `zlib.crc32`.
public struct CRC32 {
  private var state: UInt32 = 0xFFFF_FFFF

  private static let table: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index)) { value, _ in
      value & 1 == 0 ? value >> 1 : value >> 1 ^ 0xEDB8_8320
    }
  }

  /// The checksum of `bytes`.
  public static func of(_ bytes: some Sequence<UInt8>) -> UInt32 {
    var checksum = CRC32()
    let table = Self.table
    for byte in bytes {
      checksum.state = checksum.state >> 8 ^ table[Int((checksum.state ^ UInt32(byte)) & 0xFF)]
    }
    return ~checksum.state
  }
}
