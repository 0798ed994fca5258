import Foundation
import TestSupport
import Testing

@testable import Storage

/// Round trips of everything that may be a chunk (STORE.md, section 7, C1).
@Suite struct ChunkCodecSweepTests {
  static let isSlow = ProcessInfo.processInfo.environment["ADAPTERCTL_SLOW_TESTS"] != nil
  static let caseCount = isSlow ? 1_000_000 : 10_000

  @Test(arguments: ElementLayout.allCases)
  func `gives back all patterns of 16 bits in every layout`(layout: ElementLayout) throws {
    let codec = ChunkCodec()
    let all = (0..<65536).flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
    let zero = [UInt8](repeating: 0, count: all.count)
    let noise = PlaneKernelsTests.noise(all.count, seed: 31)
    for (chunk, parent) in [(all, zero), (all, noise), (zero, all), (noise, all), (all, all)] {
      for parent in [parent, nil] {
        let encoded = codec.encode(chunk, layout: layout, parent: parent)
        #expect(codec.isExact(encoded, chunk, parent: parent))
        #expect(encoded.body.count <= chunk.count)
      }
    }
  }

  @Test(arguments: ElementLayout.allCases)
  func `gives back chunks of every critical size`(layout: ElementLayout) throws {
    let codec = ChunkCodec()
    let full = ChunkCodec.maximumByteCount
    for count in [1, 2, 3, 7, 8, 9, 15, 16, 17, 64 << 10, (64 << 10) + 8, full - 8, full - 1, full]
    {
      let parent = PlaneKernelsTests.noise(count, seed: 41)
      var chunk = parent
      for place in stride(from: 0, to: count, by: 5) { chunk[place] ^= 1 }
      for parent in [parent, nil] {
        let encoded = codec.encode(chunk, layout: layout, parent: parent)
        #expect(codec.isExact(encoded, chunk, parent: parent))
      }
    }
    // One more byte is no chunk.
    let tooLarge = codec.encode([1, 2, 3, 4], layout: .bytes)
    for count in [0, full + 1] {
      #expect(throws: StorageError.self) { try codec.decode(tooLarge, byteCount: count) }
    }
  }

  @Test func `gives back whatever numbers there are`() throws {
    let seed: UInt64 = 51
    var generator = SeededGenerator(seed: seed)
    let codec = ChunkCodec()
    for number in 0..<Self.caseCount {
      guard let layout = ElementLayout.allCases.randomElement(using: &generator) else { return }
      let count = Int.random(in: 1...200, using: &generator)
      let parent = Self.numbers(count, layout, &generator)
      let chunk =
        Bool.random(using: &generator)
        ? Self.numbers(count, layout, &generator)
        : Self.moved(parent, layout, &generator)
      let given = number % 3 == 0 ? nil : parent
      let encoded = codec.encode(chunk, layout: layout, parent: given)
      guard codec.isExact(encoded, chunk, parent: given), encoded.body.count <= chunk.count else {
        Issue.record("case \(number) of seed \(seed), \(layout), \(count) numbers")
        return
      }
    }
  }

  /// Numbers of which many are special: zeros, infinities, NaNs, the smallest and the largest.
  private static func numbers(
    _ count: Int,
    _ layout: ElementLayout,
    _ generator: inout SeededGenerator
  ) -> [UInt8] {
    let bits = UInt64(layout.width * 8)
    let mask = layout.exponent.map { UInt64($0.mask) << UInt64($0.shift) } ?? 0
    let sign = UInt64(1) << (bits - 1)
    let special = [
      0, sign, mask, mask | sign, mask | 1, mask | sign | 1, mask | mask >> 1, 1, sign | 1,
      sign - 1,
      ~0, mask &- 1,
    ]
    let words = (0..<count).map { _ -> UInt64 in
      Int.random(in: 0..<3, using: &generator) == 0
        ? special[Int.random(in: 0..<special.count, using: &generator)] : generator.next()
    }
    return SlowPlanes.bytes(words, width: layout.width)
  }

  /// The same numbers, some of them a little or a lot further.
  private static func moved(
    _ bytes: [UInt8],
    _ layout: ElementLayout,
    _ generator: inout SeededGenerator
  ) -> [UInt8] {
    let words = SlowPlanes.words(bytes, width: layout.width).map { word -> UInt64 in
      switch Int.random(in: 0..<4, using: &generator) {
      case 0: word &+ UInt64.random(in: 0..<8, using: &generator)
      case 1: word &- UInt64.random(in: 0..<300, using: &generator)
      default: word
      }
    }
    return SlowPlanes.bytes(words, width: layout.width)
  }
}
