/// Single frames, for callers with too few of them to keep a `ZstdCoder`.
public enum ZstdFrame {
  /// One frame that holds `bytes`.
  public static func compress(_ bytes: Span<UInt8>, coding: ZstdCoding) -> [UInt8] {
    ZstdCoder().compress(bytes, coding: coding)
  }

  /// The bytes of one frame, of which there must be exactly `byteCount`.
  public static func decompress(_ frame: [UInt8], byteCount: Int) throws(ZstdError) -> [UInt8] {
    try ZstdCoder().decompress(frame.span, byteCount: byteCount)
  }
}
