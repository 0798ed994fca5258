import Archives
import Testing

@Suite struct ZstdCoderTests {
  static let codings: [ZstdCoding] = [.huffman, .level(1), .level(3), .level(19)]

  /// Noise over the alphabet 0 ..< `symbols`, from a fixed linear congruential generator.
  static func noise(_ byteCount: Int, symbols: Int) -> [UInt8] {
    var state: UInt64 = 1
    return (0..<byteCount).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return UInt8(Int(state >> 33) % symbols)
    }
  }

  @Test(arguments: codings)
  func `gives back what it was given`(coding: ZstdCoding) throws {
    let coder = ZstdCoder()
    for bytes in [[], [7], Self.noise(1000, symbols: 256), Self.noise(300_000, symbols: 5)] {
      let frame = coder.compress(bytes.span, coding: coding)
      #expect(try coder.decompress(frame.span, byteCount: bytes.count) == bytes)
      #expect(try ZstdFrame.decompress(frame, byteCount: bytes.count) == bytes)
    }
  }

  @Test func `entropy codes noise over a small alphabet`() {
    // Four symbols are two bits of each byte.
    let frame = ZstdFrame.compress(Self.noise(100_000, symbols: 4).span, coding: .huffman)
    #expect(frame.count < 25_500)
  }

  @Test func `does not depend on the frames before`() {
    let coder = ZstdCoder()
    let bytes = Self.noise(5000, symbols: 9)
    let first = coder.compress(bytes.span, coding: .huffman)
    _ = coder.compress(bytes.span, coding: .level(9))
    #expect(coder.compress(bytes.span, coding: .huffman) == first)
  }

  @Test(arguments: [0, 1, 999, 1001, 2000])
  func `refuses a frame of another size`(byteCount: Int) {
    let frame = ZstdFrame.compress([UInt8](repeating: 1, count: 1000).span, coding: .level(1))
    #expect(throws: ZstdError.wrongByteCount(expected: byteCount)) {
      try ZstdFrame.decompress(frame, byteCount: byteCount)
    }
  }

  @Test func `refuses what is not one whole frame`() {
    let frame = ZstdFrame.compress(Self.noise(1000, symbols: 7).span, coding: .huffman)
    for broken in [[], Array(frame.dropLast()), frame + [0], frame + frame, [1, 2, 3, 4, 5]] {
      #expect(throws: ZstdError.self) { try ZstdFrame.decompress(broken, byteCount: 1000) }
    }
  }

  @Test func `survives every changed byte`() {
    let frame = ZstdFrame.compress(Self.noise(2000, symbols: 7).span, coding: .huffman)
    for index in frame.indices {
      var broken = frame
      broken[index] ^= 0x55
      // Not every change is found, as frames carry no checksum, but none may trap.
      _ = try? ZstdFrame.decompress(broken, byteCount: 2000)
    }
  }
}
