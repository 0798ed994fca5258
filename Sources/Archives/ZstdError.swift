/// Why a zstd frame cannot be decoded.
public enum ZstdError: Error, Hashable, Sendable {
  /// The bytes are not one whole frame; `reason` is the library's own sentence.
  case malformedFrame(reason: String)
  /// The frame holds another number of bytes than its reader knows it must hold.
  case wrongByteCount(expected: Int)
}
