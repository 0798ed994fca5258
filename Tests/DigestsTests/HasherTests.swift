import Testing

@testable import Digests

@Suite struct HasherTests {
  @Test(arguments: [
    0, 1, 1024, 1025, 262_143, 262_144, 262_145, 524_288, 524_289, 786_432, 1_048_576, 1_500_001,
  ])
  func `gives the digest of all bytes, however they are cut`(byteCount: Int) {
    let bytes = BLAKE3Tests.pattern(byteCount)
    for piece in [7919, 262_144, 300_000, 1 << 21] {
      var hasher = BLAKE3.Hasher()
      for start in stride(from: 0, to: byteCount, by: piece) {
        hasher.update(Array(bytes[start..<min(byteCount, start + piece)]))
      }
      #expect(hasher.digest == BLAKE3.digest(of: bytes), "pieces of \(piece)")
    }
  }
}
