/// Bytes laid out to be hashed: numbers little-endian, text in UTF-8, no padding.
package struct CanonicalBytes: Sendable {
  /// What was appended so far.
  package private(set) var bytes: [UInt8] = []

  /// No bytes.
  package init() {}

  /// Appends the number's bytes, the lowest first.
  package mutating func append(_ number: some FixedWidthInteger & UnsignedInteger) {
    for shift in stride(from: 0, to: type(of: number).bitWidth, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: number >> shift))
    }
  }

  /// Appends the text in UTF-8, without its length or an end.
  package mutating func append(_ text: String) { bytes += text.utf8 }

  /// Appends the 32 bytes.
  package mutating func append(_ digest: Digest) { bytes += digest.bytes }

  /// The digest of these bytes as the payload of one kind of thing:
  /// BLAKE3("adapterctl" ‖ 0x00 ‖ kind in UTF-8 ‖ 0x00 ‖ u64le(payload's byte count) ‖ payload).
  ///
  /// The head keeps the digests of two kinds apart even where their payloads agree.
  package func digest(as kind: String) -> Digest {
    var all = CanonicalBytes()
    all.append("adapterctl\0" + kind + "\0")
    all.append(UInt64(bytes.count))
    all.bytes += bytes
    return BLAKE3.digest(of: all.bytes)
  }
}
