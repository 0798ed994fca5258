import Digests
import Testing

@Suite struct SHA256Tests {
  /// The messages of NIST's examples for FIPS 180-4 and of its test vectors (SHA256ShortMsg,
  /// "additional examples"), with their digests.
  static let vectors: [(message: [UInt8], digest: String)] = [
    ([], "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    (Array("abc".utf8), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      Array("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8),
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (
      Array(
        ("abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
          + "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu").utf8),
      "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
    ),
    ([0xbd], "68325720aabd7c82f30f554b313d0570c95accbb7dc4b5aae11204c08ffe732b"),
    (
      [0xc9, 0x8c, 0x8e, 0x55],
      "7abc22c0ae5af26ce93dbb94433a0e0b2e119d014f8e7f65bd56c61ccccd9504"
    ),
    (
      [UInt8](repeating: 0, count: 55),
      "02779466cdec163811d078815c633f21901413081449002f24aa3e80f0b88ef7"
    ),
    (
      [UInt8](repeating: 0, count: 56),
      "d4817aa5497628e7c77e6b606107042bbba3130888c5f47a375e6179be789fbb"
    ),
    (
      [UInt8](repeating: 0, count: 64),
      "f5a5fd42d16a20302798ef6ed309979b43003d2320d9f0e8ea9831a92759fb4b"
    ),
    (
      [UInt8](repeating: 0x41, count: 1000),
      "c2e686823489ced2017f6059b8b239318b6364f6dcd835d0a519105a1eadd6e4"
    ),
    (
      [UInt8](repeating: 0x61, count: 1_000_000),
      "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
    ),
  ]

  @Test(arguments: vectors.indices)
  func `gives the digests of the standard`(index: Int) {
    let vector = Self.vectors[index]
    #expect(SHA256.digest(of: vector.message).hexadecimal == vector.digest)
  }

  @Test(arguments: [1, 63, 64, 65, 7919])
  func `gives the same digest however the bytes are cut`(piece: Int) {
    let bytes = (0..<20_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let hasher = SHA256()
    for start in stride(from: 0, to: bytes.count, by: piece) {
      hasher.append(Array(bytes[start..<min(bytes.count, start + piece)]))
      hasher.append([])
    }
    #expect(hasher.digest == SHA256.digest(of: bytes))
  }

  @Test func `more bytes may follow a digest`() {
    let hasher = SHA256()
    hasher.append(Array("a".utf8))
    #expect(hasher.digest == SHA256.digest(of: Array("a".utf8)))
    #expect(hasher.digest == hasher.digest)
    hasher.append(Array("bc".utf8))
    #expect(hasher.digest == SHA256.digest(of: Array("abc".utf8)))
  }

  @Test func `a digest reads what it writes, and nothing else`() throws {
    let digest = SHA256.digest(of: [1, 2, 3])
    #expect(digest.description == "sha256:" + digest.hexadecimal)
    #expect(SHA256Digest(digest.description) == digest)
    #expect(SHA256Digest(hexadecimal: digest.hexadecimal) == digest)
    #expect(SHA256Digest(bytes: digest.bytes) == digest)
    #expect(SHA256Digest(digest.hexadecimal) == nil)
    #expect(SHA256Digest("sha256:" + digest.hexadecimal.dropLast()) == nil)
    #expect(SHA256Digest("SHA256:" + digest.hexadecimal) == nil)
    #expect(SHA256Digest("sha256:" + String(repeating: "A", count: 64)) == nil)
    #expect(SHA256Digest("b3:" + digest.hexadecimal) == nil)
    #expect(SHA256Digest(hexadecimal: String(repeating: "é", count: 32)) == nil)
    #expect(SHA256Digest(bytes: [UInt8](repeating: 0, count: 31)) == nil)
  }
}
