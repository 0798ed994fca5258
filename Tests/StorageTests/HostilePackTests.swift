import Digests
import Files
import TestSupport
import Testing

@testable import Storage

/// Packs whose digests all fit, and which lie.
@Suite struct HostilePackTests {
  static let whole = Array("whole".utf8)
  static let other = Array("other".utf8)
  static let digests = [whole, other].map { BLAKE3.digest(of: $0) }

  /// A frame that repeats one byte, in blocks of at most 128 KiB, and says a size or none.
  static func frame(repeating count: Int, saying size: Int?) -> [UInt8] {
    var bytes: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD]
    if let size {
      bytes.append(0xA0)
      bytes.append(littleEndian: UInt32(truncatingIfNeeded: size))
    } else {
      bytes += [0x00, 0x88]
    }
    var left = count
    while left > 0 {
      let block = min(left, 128 << 10)
      left -= block
      let head = UInt32(block) << 3 | 2 | (left == 0 ? 1 : 0)
      bytes += [UInt8(head & 255), UInt8(head >> 8 & 255), UInt8(head >> 16), 0]
    }
    return bytes
  }

  static func pack() -> HostilePack {
    var pack = HostilePack()
    pack.add(digests[0], .raw, byteCount: 5, body: whole)
    pack.add(digests[1], .raw, byteCount: 5, body: other)
    return pack
  }

  @Test func `the pack without a lie is sound`() throws {
    let store = try Self.pack().store()
    #expect(store.verify(.full) == [])
    #expect(try store.chunk(Self.digests[0]) == Self.whole)
  }

  /// Lies about where things are: the pack is refused when it is opened.
  static let listLies: [(String, @Sendable (inout HostilePack) -> Void)] = [
    ("another version", { $0.header[4] = 2 }),
    ("more entries than there are", { $0.countLie = 1 }),
    ("fewer entries than there are", { $0.countLie = 0xFFFF_FFFF }),
    ("2^24 entries more", { $0.countLie = 1 << 24 }),
    ("a footer that starts later", { $0.footerOffsetLie = 56 }),
    ("a footer that starts before the file", { $0.footerOffsetLie = UInt64.max - 4096 }),
    ("a footer beyond the end", { $0.footerByteCountLie = 1 << 40 }),
    ("a footer whose end is no number", { $0.footerByteCountLie = UInt64.max - 2000 }),
    ("a wrong fan-out", { $0.fanoutLie = 1 }),
    (
      "records out of order",
      {
        $0.isSorted = false; $0.parts.sort { $1.key < $0.key }
      }
    ),
    ("a key twice", { $0.parts.append($0.parts[0]) }),
    ("an overlap", { $0.parts[0].listedByteCount = $0.parts[0].bytes.count + 1 }),
    ("a gap", { $0.parts[0].listedByteCount = $0.parts[0].bytes.count - 1 }),
    (
      "two records at one place",
      {
        $0.parts[0].listedOffset = 8; $0.parts[1].listedOffset = 8
      }
    ),
    ("a record in the footer", { $0.parts[1].listedOffset = 400 }),
    ("a record beyond 2 GiB", { $0.parts[1].listedOffset = 3 << 30 }),
    ("a record of nothing", { $0.parts[1].listedByteCount = 0 }),
    ("a record of 4 GiB", { $0.parts[1].listedByteCount = 0xFFFF_FFFF }),
    ("a depth beyond the limit", { $0.parts[1].depth = 17 }),
    ("a depth of 255", { $0.parts[1].depth = 255 }),
  ]

  @Test(arguments: listLies.indices)
  func `a list that lies is refused`(number: Int) throws {
    let (what, lie) = Self.listLies[number]
    var pack = Self.pack()
    lie(&pack)
    let store = try pack.store()
    #expect(store.verify(.fast).contains { !$0.isHarmless }, "\(what)")
    for digest in Self.digests {
      #expect(throws: StorageError.missingChunk(digest), "\(what)") { _ = try store.chunk(digest) }
    }
    #expect(throws: StorageError.self, "\(what)") { try Self.bundled(pack) }
  }

  static let mebibyte = 1 << 20
  static let zeros = BLAKE3.digest(of: [UInt8](repeating: 0, count: mebibyte))

  /// Lies in records: what is asked for is refused, and verify tells.
  static let recordLies: [(String, @Sendable (inout HostilePack) -> Void)] = [
    ("other bytes", { $0.add(zeros, .raw, byteCount: 5, body: whole) }),
    ("too few bytes", { $0.add(zeros, .raw, byteCount: 6, body: whole) }),
    ("too many bytes", { $0.add(zeros, .raw, byteCount: 4, body: whole) }),
    ("no bytes", { $0.add(zeros, .raw, byteCount: 0, body: []) }),
    ("more than 1 MiB", { $0.add(zeros, .raw, byteCount: mebibyte + 1, body: whole) }),
    ("4 GiB", { $0.add(zeros, .zstd, byteCount: 0xFFFF_FFFF, body: whole) }),
    (
      "a frame that says more than the record",
      {
        $0.add(
          zeros, .zstd, byteCount: mebibyte,
          body: frame(repeating: 2000 * mebibyte, saying: 2000 * mebibyte))
      }
    ),
    (
      "a frame that is more than it says",
      {
        $0.add(
          zeros, .zstd, byteCount: mebibyte,
          body: frame(repeating: 2000 * mebibyte, saying: mebibyte))
      }
    ),
    (
      "a frame without a size",
      {
        $0.add(zeros, .zstd, byteCount: mebibyte, body: frame(repeating: mebibyte, saying: nil))
      }
    ),
    (
      "a plane that is a bomb",
      {
        let bomb = frame(repeating: 2000 * mebibyte, saying: mebibyte / 2)
        var body: [UInt8] = [1, 0, 2]
        body.append(littleEndian: UInt32(bomb.count))
        $0.add(zeros, .planes, layout: .bfloat16, byteCount: mebibyte, body: body + bomb)
      }
    ),
    (
      "a missing parent",
      {
        $0.add(
          zeros, .difference, layout: .bfloat16, byteCount: 4, body: [1, 0, 1, 0],
          parent: BLAKE3.digest(of: []), depth: 1)
      }
    ),
    (
      "its own parent",
      {
        $0.add(
          zeros, .difference, layout: .bfloat16, byteCount: 4, body: [1, 0, 1, 0], parent: zeros,
          depth: 1)
      }
    ),
    (
      "a parent of another size",
      {
        $0.add(
          zeros, .difference, layout: .bfloat16, byteCount: 4, body: [1, 0, 1, 0],
          parent: digests[0], depth: 1)
      }
    ),
    (
      "a parent that is not listed as one",
      {
        $0.add(
          zeros, .difference, layout: .bfloat16, byteCount: 4, body: [1, 0, 1, 0],
          parent: digests[0])
      }
    ),
    (
      "parents in a circle",
      {
        let next = BLAKE3.digest(of: [7])
        $0.add(
          zeros, .difference, layout: .bfloat16, byteCount: 4, body: [1, 0, 1, 0], parent: next,
          depth: 2)
        $0.add(
          next, .difference, layout: .bfloat16, byteCount: 4, body: [1, 0, 1, 0], parent: zeros,
          depth: 1)
      }
    ),
    (
      "a layout that does not fit",
      { $0.add(zeros, .planes, layout: .bfloat16, byteCount: 5, body: [1, 0, 1, 0]) }
    ),
    (
      "a segment beyond the last bucket",
      {
        $0.add(
          zeros, .bucketedDifference, layout: .bfloat16, byteCount: 4,
          body: [0, 0, 17, 1, 0, 16, 1, 0], parent: digests[0], depth: 1)
      }
    ),
    (
      "a kind on a chunk",
      {
        $0.add(zeros, .raw, byteCount: 5, body: whole)
        $0.parts[2].bytes[3] = 4
      }
    ),
    (
      "an encoding that does not exist",
      {
        $0.add(zeros, .raw, byteCount: 5, body: whole)
        $0.parts[2].bytes[1] = 5
      }
    ),
    (
      "another key than in the list",
      {
        $0.add(zeros, .raw, byteCount: 5, body: whole)
        $0.parts[2].bytes[20] ^= 1
      }
    ),
  ]

  @Test(arguments: recordLies.indices)
  func `a record that lies is refused, at bounded cost`(number: Int) throws {
    let (what, lie) = Self.recordLies[number]
    var pack = Self.pack()
    lie(&pack)
    let store = try pack.store()
    let before = peakVirtualByteCount()
    #expect(throws: StorageError.self, "\(what)") { _ = try store.chunk(Self.zeros) }
    #expect(store.verify(.full).contains { !$0.isHarmless }, "\(what)")
    #expect(throws: StorageError.self, "\(what)") { try Self.bundled(pack) }
    // Its neighbours are read.
    #expect(try store.chunk(Self.digests[0]) == Self.whole)
    #expect(peakVirtualByteCount() - before < 256 << 20)
    // A repair takes it out, and leaves them.
    let report = try store.repair(at: Sample.now)
    #expect(report.lost.contains(.chunk(Self.zeros)) || what == "a missing parent", "\(what)")
    #expect(try store.chunk(Self.digests[1]) == Self.other)
  }

  /// Verifies a bundle with the pack in it, whose one object lists all its chunks.
  static func bundled(_ pack: HostilePack) throws {
    var pack = pack
    let text = pack.parts.map(\.key.digest.description).joined(separator: " ")
    let object = Sample.object(text)
    let record = PackRecord(object, id: object.id, encoding: .raw, body: object.payload)
    pack.parts.append(.init(key: record.key, bytes: record.bytes))
    let bytes = pack.bytes
    let manifest = BundleManifest(
      refs: [Sample.main: object.id], prerequisites: [], packs: [bytes.count])
    let sealed = BundleTests.sealed(try manifest.bytes() + bytes + [UInt8](repeating: 0, count: 32))
    _ = try BundleTests.bundle(sealed).verify(references: CareTests.references)
  }

  @Test func `a sound pack passes as a bundle`() throws { try Self.bundled(Self.pack()) }

  @Test func `a chain of sixteen parents is read, one of seventeen cannot be written down`() throws
  {
    var pack = HostilePack()
    var numbers: [UInt8] = [0x80, 0x3F, 0x00, 0x40]
    var parent = BLAKE3.digest(of: numbers)
    pack.add(parent, .raw, layout: .bfloat16, byteCount: 4, body: numbers)
    for depth in 1...16 {
      numbers[0] += 1
      numbers[2] += 1
      let digest = BLAKE3.digest(of: numbers)
      pack.add(
        digest, .difference, layout: .bfloat16, byteCount: 4, body: [1, 0, 1, 2], parent: parent,
        depth: depth)
      parent = digest
    }
    let store = try pack.store()
    #expect(try store.chunk(parent) == numbers)
    #expect(store.verify(.full) == [])
    pack.parts[16].depth = 17
    #expect(throws: StorageError.missingChunk(parent)) { try pack.store().chunk(parent) }
  }
}
