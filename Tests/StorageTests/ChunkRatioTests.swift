import Testing

@testable import Storage

/// What chunks may take of their size at most (STORE.md, section 7, C2).
@Suite struct ChunkRatioTests {
  static let byteCount = 1 << 20

  @Test func `weights of a normal distribution`() {
    let codec = ChunkCodec()
    let (half, _) = ChunkCodecTests.weights(Self.byteCount / 2, moved: 0)
    #expect(ratio(codec.encode(half, layout: .bfloat16), half) <= 0.668)
    let (whole, other) = Self.singles(Self.byteCount / 4)
    #expect(ratio(codec.encode(whole, layout: .binary32), whole) <= 0.840)
    // A parent that is of no use makes nothing worse.
    #expect(ratio(codec.encode(whole, layout: .binary32, parent: other), whole) <= 0.840)
  }

  @Test func `bfloat16 in disguise`() {
    let (half, _) = ChunkCodecTests.weights(Self.byteCount / 4, moved: 0)
    let whole = Self.widened(half, with: [UInt8](repeating: 0, count: half.count))
    #expect(ratio(ChunkCodec().encode(whole, layout: .binary32), whole) <= 0.36)
  }

  @Test(arguments: ElementLayout.allCases)
  func `noise takes no more than its own bytes`(layout: ElementLayout) {
    let codec = ChunkCodec()
    let parent = PlaneKernelsTests.noise(Self.byteCount, seed: 61)
    for count in [1, 100, 5000, Self.byteCount] {
      let noise = PlaneKernelsTests.noise(count, seed: 62)
      let encoded = codec.encode(noise, layout: layout, parent: Array(parent[..<count]))
      #expect(encoded.body.count <= count)
      // With its record, at most a thousandth more where it is a whole chunk.
      #expect(encoded.encoding == .raw || encoded.body.count < count)
    }
  }

  private func ratio(_ encoded: EncodedChunk, _ chunk: [UInt8]) -> Double {
    Double(encoded.body.count) / Double(chunk.count)
  }

  /// Weights in single precision, and others as far from them as they are large: bfloat16 weights
  /// whose lower bytes are noise.
  private static func singles(_ count: Int) -> ([UInt8], [UInt8]) {
    let (first, second) = ChunkCodecTests.weights(count, moved: 1)
    return (
      widened(first, with: PlaneKernelsTests.noise(first.count, seed: 63)),
      widened(second, with: PlaneKernelsTests.noise(second.count, seed: 64))
    )
  }

  private static func widened(_ half: [UInt8], with lower: [UInt8]) -> [UInt8] {
    var bytes: [UInt8] = []
    for place in stride(from: 0, to: half.count, by: 2) {
      bytes += lower[place..<place + 2]
      bytes += half[place..<place + 2]
    }
    return bytes
  }
}
