import Digests
import Testing

@Suite struct DigestTests {
  @Test func `reads what it writes`() throws {
    let digest = BLAKE3.digest(of: [1, 2, 3])
    #expect(Digest(digest.description) == digest)
    #expect(Digest(bytes: digest.bytes) == digest)
    #expect(digest.description.hasPrefix(digest.short))
  }

  @Test(arguments: ["", "b3:", "b3:00", "sha256:" + String(repeating: "0", count: 60)])
  func `refuses text that is no digest`(text: String) {
    #expect(Digest(text) == nil)
  }

  @Test func `refuses upper case and other lengths`() {
    #expect(Digest("b3:" + String(repeating: "A", count: 64)) == nil)
    #expect(Digest(bytes: [UInt8](repeating: 0, count: 31)) == nil)
  }
}
