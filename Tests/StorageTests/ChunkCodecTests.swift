import Foundation
import TestSupport
import Testing

@testable import Storage

@Suite struct ChunkCodecTests {
  static func noise(_ count: Int, seed: UInt64) -> [UInt8] {
    PlaneKernelsTests.noise(count, seed: seed)
  }

  /// Weights of a normal distribution, and weights a little away from them.
  static func weights(_ count: Int, moved: Double) -> (child: [UInt8], parent: [UInt8]) {
    var generator = SeededGenerator(seed: 17)
    func normal() -> Double {
      let radius = -2 * log(Double.random(in: 1e-12..<1, using: &generator))
      return 0.02 * radius.squareRoot() * cos(Double.random(in: 0..<2 * .pi, using: &generator))
    }
    func bits(_ value: Double) -> UInt16 { UInt16((Float(value).bitPattern + 0x7FFF) >> 16) }
    var child: [UInt16] = []
    var parent: [UInt16] = []
    for _ in 0..<count {
      parent.append(bits(normal()))
      let base = Double(Float(bitPattern: UInt32(parent[parent.count - 1]) << 16))
      child.append(bits(base + moved * normal()))
    }
    func bytes(_ words: [UInt16]) -> [UInt8] {
      words.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
    }
    return (bytes(child), bytes(parent))
  }

  @Test(arguments: ElementLayout.allCases)
  func `gives back every chunk`(layout: ElementLayout) throws {
    let codec = ChunkCodec()
    let widths = [1, 2, 3, 8, 64, 1000, 4096, 70_000]
    for (number, count) in widths.enumerated() {
      let parent = Self.noise(count, seed: UInt64(number))
      var near = parent
      for index in stride(from: 0, to: count, by: 9) { near[index] &+= 1 }
      let chunks = [
        near, Self.noise(count, seed: 77), [UInt8](repeating: 0, count: count),
        (0..<count).map { UInt8($0 / 512 & 3) },
      ]
      for chunk in chunks {
        for parent in [nil, parent, chunk] {
          let encoded = codec.encode(chunk, layout: layout, parent: parent)
          #expect(encoded.body.count <= count)
          #expect(try codec.decode(encoded, byteCount: count, parent: parent) == chunk)
        }
      }
    }
  }

  @Test(arguments: [ElementLayout.bfloat16, .binary16, .words16])
  func `keeps all patterns of 16 bits, whatever the parent`(layout: ElementLayout) throws {
    let codec = ChunkCodec()
    let all = (0..<65536).flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
    for parent in [[UInt8](repeating: 0, count: all.count), Self.noise(all.count, seed: 8), nil] {
      let encoded = codec.encode(all, layout: layout, parent: parent)
      #expect(try codec.decode(encoded, byteCount: all.count, parent: parent) == all)
      let other = Self.noise(all.count, seed: 9)
      let back = codec.encode(other, layout: layout, parent: all)
      #expect(try codec.decode(back, byteCount: all.count, parent: all) == other)
    }
  }

  @Test func `stores weights near their entropy`() {
    let codec = ChunkCodec()
    // Relative movement, and the most that bfloat16 may take of its size (STORE.md, section 1.2).
    for (moved, limit) in [(1e-4, 0.0094), (1e-3, 0.077), (1e-2, 0.249), (0.1, 0.470)] {
      let (child, parent) = Self.weights(1 << 19, moved: moved)
      let encoded = codec.encode(child, layout: .bfloat16, parent: parent)
      #expect(encoded.encoding == .bucketedDifference)
      #expect(Double(encoded.body.count) <= limit * Double(child.count))
    }
    let (child, _) = Self.weights(1 << 19, moved: 0)
    let alone = codec.encode(child, layout: .bfloat16)
    #expect(Double(alone.body.count) <= 0.668 * Double(child.count))
    var clean: [UInt8] = []
    for index in 0..<(1 << 18) { clean += [0, 0, child[2 * index], child[2 * index + 1]] }
    let padded = codec.encode(clean, layout: .binary32)
    #expect(Double(padded.body.count) <= 0.36 * Double(clean.count))
  }

  @Test func `keeps a rare byte wherever it is`() throws {
    let codec = ChunkCodec()
    let parent = [UInt8](repeating: 0, count: 1 << 20)
    // Long planes are judged by a part of them: what is only elsewhere must not be lost.
    for place in [0, 1, 511, 1024, 1025, 1 << 19, (1 << 20) - 1] {
      var chunk = parent
      chunk[place] = 1
      for parent in [nil, parent] {
        let encoded = codec.encode(chunk, layout: .bfloat16, parent: parent)
        #expect(encoded.body.count < 2000)
        #expect(try codec.decode(encoded, byteCount: chunk.count, parent: parent) == chunk)
      }
    }
  }

  @Test func `does not take a parent that is of no use`() throws {
    let codec = ChunkCodec()
    let (child, _) = Self.weights(1 << 15, moved: 0)
    let stranger = Self.noise(child.count, seed: 4)
    let encoded = codec.encode(child, layout: .bfloat16, parent: stranger)
    #expect(encoded.encoding == .planes)
    #expect(codec.encode(child, layout: .bfloat16, parent: Array(stranger.dropLast(2))) == encoded)
  }

  @Test func `decodes or refuses any body, and allocates no more than it was told`() {
    let codec = ChunkCodec()
    let (child, parent) = Self.weights(2000, moved: 1e-2)
    var generator = SeededGenerator(seed: 21)
    let before = peakVirtualByteCount()
    for parent in [nil, parent] {
      let encoded = codec.encode(child, layout: .bfloat16, parent: parent)
      for encoding in EncodedChunk.Encoding.allCases {
        for _ in 0..<400 {
          let body = encoded.body.mutated(by: &generator, donor: child)
          let hostile = EncodedChunk(encoding: encoding, layout: .bfloat16, body: body)
          let decoded = try? codec.decode(hostile, byteCount: child.count, parent: parent)
          #expect(decoded == nil || decoded?.count == child.count)
        }
      }
    }
    #expect(peakVirtualByteCount() - before < 256 << 20)
  }

  @Test func `refuses what cannot be a chunk`() {
    let codec = ChunkCodec()
    let encoded = codec.encode([1, 2, 3, 4], layout: .binary32)
    for byteCount in [0, -4, 3, 8, (1 << 20) + 4] {
      #expect(throws: StorageError.self) { try codec.decode(encoded, byteCount: byteCount) }
    }
    let orphan = EncodedChunk(
      encoding: .difference,
      layout: .binary32,
      body: [1, 0, 1, 0, 1, 0, 1, 0]
    )
    #expect(throws: StorageError.self) { try codec.decode(orphan, byteCount: 4) }
    #expect(throws: StorageError.self) { try codec.decode(orphan, byteCount: 4, parent: [1, 2]) }
  }
}
