import Digests

/// The slow twin: section 2 of the BLAKE3 specification word for word, one block after the other,
/// the tree by recursion.
enum SlowBLAKE3 {
  private static let initial: [UInt32] = [
    0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a,
    0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
  ]
  private static let permutation = [2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8]
  private static let chunkStart: UInt32 = 1
  private static let chunkEnd: UInt32 = 2
  private static let parent: UInt32 = 4
  private static let root: UInt32 = 8

  static func digest(of bytes: [UInt8]) -> Digest? {
    let words = chainingValue(of: bytes[...], chunk: 0, flags: root)
    return Digest(
      bytes: words.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } }
    )
  }

  /// The chaining value of the subtree over `bytes`, whose first chunk has the number `chunk`.
  private static func chainingValue(
    of bytes: ArraySlice<UInt8>,
    chunk: Int,
    flags: UInt32
  ) -> [UInt32] {
    guard bytes.count > 1024 else { return ofChunk(bytes, chunk: chunk, flags: flags) }
    // The left subtree is the largest complete one that leaves something to the right.
    var chunks = 1
    while chunks * 2 * 1024 < bytes.count { chunks *= 2 }
    let middle = bytes.startIndex + chunks * 1024
    let left = chainingValue(of: bytes[..<middle], chunk: chunk, flags: 0)
    let right = chainingValue(of: bytes[middle...], chunk: chunk + chunks, flags: 0)
    return compress(initial, left + right, counter: 0, byteCount: 64, flags: parent | flags)
  }

  private static func ofChunk(
    _ bytes: ArraySlice<UInt8>,
    chunk: Int,
    flags: UInt32
  ) -> [UInt32] {
    var value = initial
    let blocks = max(1, (bytes.count + 63) / 64)
    for block in 0..<blocks {
      let part = Array(bytes.dropFirst(64 * block).prefix(64))
      let padded = part + [UInt8](repeating: 0, count: 64 - part.count)
      let words = (0..<16).map { word in
        (0..<4).reduce(UInt32(0)) { $0 | UInt32(padded[4 * word + $1]) << (8 * $1) }
      }
      let start = block == 0 ? chunkStart : 0
      let end = block == blocks - 1 ? chunkEnd | flags : 0
      value = compress(
        value,
        words,
        counter: UInt64(chunk),
        byteCount: UInt32(part.count),
        flags: start | end
      )
    }
    return value
  }

  private static func compress(
    _ value: [UInt32],
    _ message: [UInt32],
    counter: UInt64,
    byteCount: UInt32,
    flags: UInt32
  ) -> [UInt32] {
    var v =
      value + initial[..<4] + [
        UInt32(truncatingIfNeeded: counter), UInt32(counter >> 32), byteCount, flags,
      ]
    var m = message
    for _ in 0..<7 {
      for (index, (a, b, c, d)) in quarters.enumerated() {
        mix(&v, a, b, c, d, m[2 * index], m[2 * index + 1])
      }
      m = permutation.map { m[$0] }
    }
    return (0..<8).map { v[$0] ^ v[$0 + 8] }
  }

  /// The columns, then the diagonals.
  private static let quarters = [
    (0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15),
    (0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14),
  ]

  private static func mix(
    _ v: inout [UInt32],
    _ a: Int,
    _ b: Int,
    _ c: Int,
    _ d: Int,
    _ x: UInt32,
    _ y: UInt32
  ) {
    v[a] = v[a] &+ v[b] &+ x
    v[d] = rotated(v[d] ^ v[a], 16)
    v[c] = v[c] &+ v[d]
    v[b] = rotated(v[b] ^ v[c], 12)
    v[a] = v[a] &+ v[b] &+ y
    v[d] = rotated(v[d] ^ v[a], 8)
    v[c] = v[c] &+ v[d]
    v[b] = rotated(v[b] ^ v[c], 7)
  }

  private static func rotated(_ word: UInt32, _ count: UInt32) -> UInt32 {
    word >> count | word << (32 - count)
  }
}
