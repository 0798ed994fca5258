import Digests
import Files
import Foundation
import Storage
import Tensors
import TestSupport
import Testing

@testable import History

@Suite struct DigestCacheTests {
  private static func digest(_ number: Int) -> Digest {
    BLAKE3.digest(of: Array("\(number)".utf8))
  }

  private static func stamp(_ number: Int, modified: Int = 5_000_000_000) -> FileStamp {
    FileStamp(
      device: 1, inode: UInt64(number), byteCount: number, modified: modified,
      changed: 6_000_000_000)
  }

  @Test func `gives back what was recorded, also to the next command`() throws {
    let made = try MadeRepository()
    let cache = made.cache()
    let digests = FileDigests(
      digest: Self.digest(1), sha256: SHA256.digest(of: [1]),
      tensors: [TensorID(Self.digest(2)), TensorID(Self.digest(3))])
    cache.record(digests, for: Self.stamp(1))
    cache.record(FileDigests(digest: Self.digest(4)), for: Self.stamp(2))
    cache.record(FileDigests(tensors: []), for: Self.stamp(3))
    #expect(cache.lookup(Self.stamp(1)) == digests)
    cache.save()
    let next = made.cache()
    #expect(next.lookup(Self.stamp(1)) == digests)
    #expect(next.lookup(Self.stamp(2)) == FileDigests(digest: Self.digest(4)))
    #expect(next.lookup(Self.stamp(3)) == FileDigests(tensors: []))
    #expect(next.lookup(Self.stamp(4)) == nil)
    #expect(made.cache(distrusted: true).lookup(Self.stamp(1)) == nil)
  }

  @Test func `adds to what is known of a file, and drops it for what comes in its place`() throws {
    let made = try MadeRepository()
    let cache = made.cache()
    cache.record(FileDigests(digest: Self.digest(1)), for: Self.stamp(1))
    cache.save()
    cache.record(FileDigests(tensors: [TensorID(Self.digest(2))]), for: Self.stamp(1))
    cache.save()
    #expect(
      made.cache().lookup(Self.stamp(1))
        == FileDigests(digest: Self.digest(1), tensors: [TensorID(Self.digest(2))]))
    let changed = Self.stamp(1, modified: 5_000_000_001)
    #expect(made.cache().lookup(changed) == nil)
    cache.record(FileDigests(digest: Self.digest(3)), for: changed)
    cache.save()
    #expect(made.cache().lookup(changed)?.digest == Self.digest(3))
    #expect(made.cache().lookup(Self.stamp(1)) == nil)
  }

  @Test(arguments: [(8, true), (7, false), (6, false), (5, false)])
  func `does not trust a file that was changed just before the command`(
    now: Int, isKept: Bool
  ) throws {
    let cache = try MadeRepository().cache(now: Timestamp(seconds: now))
    cache.record(FileDigests(digest: Self.digest(1)), for: Self.stamp(1))
    #expect((cache.lookup(Self.stamp(1)) != nil) == isKept)
  }

  @Test func `ignores a damaged cache, wherever the damage is`() throws {
    let made = try MadeRepository()
    let cache = made.cache()
    cache.record(
      FileDigests(digest: Self.digest(1), tensors: [TensorID(Self.digest(2))]), for: Self.stamp(1))
    cache.save()
    let file = made.repository.own("cache/digests")
    let sound = try FileReader.contents(of: file, limit: 1 << 20)
    for position in sound.indices {
      var damaged = sound
      damaged[position] ^= 1 << UInt8(position % 8)
      #expect(DigestCacheFile(damaged) == nil)
    }
    for count in 0..<sound.count { #expect(DigestCacheFile(Array(sound[..<count])) == nil) }
    try made.write(Array("nonsense".utf8), to: file)
    let next = made.cache()
    #expect(next.lookup(Self.stamp(1)) == nil)
    next.record(FileDigests(digest: Self.digest(5)), for: Self.stamp(5))
    next.save()
    #expect(made.cache().lookup(Self.stamp(5))?.digest == Self.digest(5))
  }

  @Test func `a sealed cache with impossible counts gives nothing`() throws {
    let sound = DigestCacheFile().adding(
      [Self.stamp(1): FileDigests(tensors: [TensorID(Self.digest(2))])], limit: 1 << 20
    ).sealed
    for place in [8, 15, 24 + 52, 24 + 56, 24 + 63] {
      var bytes = Array(sound.dropLast(Digest.byteCount))
      bytes[place] = 0x7F
      let forged = DigestCacheFile(bytes + BLAKE3.digest(of: bytes).bytes)
      #expect(forged?[Self.stamp(1)] == nil)
    }
  }

  @Test func `keeps to its size and drops what was recorded first`() {
    var file = DigestCacheFile()
    let limit = 24 + 32 + 10 * (128 + 32)
    for number in 1...30 {
      file = file.adding(
        [Self.stamp(number): FileDigests(tensors: [TensorID(Self.digest(number))])], limit: limit)
      #expect(file.sealed.count <= limit)
    }
    for number in 1...30 {
      #expect((file[Self.stamp(number)] != nil) == (number > 20), "\(number)")
    }
  }

  @Test func `beside a large cache a command writes what it adds`() throws {
    let made = try MadeRepository()
    let (all, new) = (
      made.repository.own("cache/digests"), made.repository.own("cache/digests-new")
    )
    func size(_ path: Path) throws -> Int { try FileReader(path).byteCount }
    let first = made.cache()
    for number in 1...4000 {
      first.record(FileDigests(digest: Self.digest(number)), for: Self.stamp(number))
    }
    first.save()
    #expect(!new.isFile)
    let large = try size(all)
    // One at a time, and sometimes of a file that is known already.
    var isMerged = false
    var last = 4000
    while !isMerged, last < 6000 {
      let cache = made.cache()
      last += 100
      for number in last - 99...last {
        cache.record(FileDigests(digest: Self.digest(number)), for: Self.stamp(number))
      }
      let known = last % 4000 + 1
      cache.record(FileDigests(tensors: []), for: Self.stamp(known))
      cache.save()
      #expect(try size(new) <= max(64 << 10, large / 8))
      isMerged = try size(all) > large
      let next = made.cache()
      for number in 1...last { #expect(next.lookup(Self.stamp(number))?.digest != nil) }
      #expect(
        next.lookup(Self.stamp(known))
          == FileDigests(digest: Self.digest(known), tensors: []))
    }
    #expect(isMerged)
    // What was not believed is not believed by the next command either.
    let rehashing = made.cache(distrusted: true)
    rehashing.record(FileDigests(digest: Self.digest(1)), for: Self.stamp(1))
    rehashing.save()
    #expect(made.cache().lookup(Self.stamp(1))?.digest == Self.digest(1))
    let next = made.cache()
    #expect((2...last).allSatisfy { next.lookup(Self.stamp($0)) == nil })
  }
}
