import Digests
import Files
import TestSupport
import Testing

@testable import Storage

/// Any damage to a file is found, and never comes back as data.
@Suite struct DamageTests {
  static func store() throws -> MemoryFiles {
    let files = MemoryFiles()
    let store = try ObjectStore.create(at: Sample.root, files: files)
    try Sample.commit(step: 1, in: store)
    try Sample.commit(
      step: 2,
      in: store,
      parent: BLAKE3.digest(of: Sample.weights(step: 1))
    )
    store.packs.updateIndex(always: true)
    return files.afterwards(.none)
  }

  /// Whether all that is read is right, or refused.
  static func isNeverWrong(_ files: MemoryFiles) throws -> Bool {
    guard let store = try? ObjectStore(opening: Sample.root, files: files) else { return true }
    for step in 1...2 {
      let digest = BLAKE3.digest(of: Sample.weights(step: step))
      if let chunk = try? store.chunk(digest), chunk != Sample.weights(step: step) { return false }
    }
    guard let id = try? store.log.object(of: Sample.main), let object = try? store.object(id) else {
      return true
    }
    return object.id == id
  }

  static func isFound(_ files: MemoryFiles) -> Bool {
    guard let store = try? ObjectStore(opening: Sample.root, files: files) else { return true }
    return !store.verify(.full).isEmpty
  }

  @Test func `every flipped byte of every file is found`() throws {
    let intact = try Self.store()
    #expect(!Self.isFound(intact))
    var flips = 0
    for name in intact.fileNames {
      let path = Path(name)
      let bytes = try #require(intact[path])
      let step = FaultTests.isSlow || bytes.count < 600 ? 1 : 7
      for offset in stride(from: 0, to: bytes.count, by: step) {
        var damaged = bytes
        damaged[offset] ^= 1 << UInt8(offset & 7)
        let files = intact.afterwards(.none)
        files[path] = damaged
        #expect(Self.isFound(files), "\(name) \(offset)")
        #expect(try Self.isNeverWrong(files), "\(name) \(offset)")
        flips += 1
      }
    }
    #expect(flips > 1000)
  }

  @Test func `every truncation is found`() throws {
    let intact = try Self.store()
    for name in intact.fileNames {
      let path = Path(name)
      let bytes = try #require(intact[path])
      for count in stride(from: 0, to: bytes.count, by: bytes.count < 600 ? 1 : 31) {
        let files = intact.afterwards(.none)
        files[path] = Array(bytes.prefix(count))
        #expect(Self.isFound(files), "\(name) \(count)")
        #expect(try Self.isNeverWrong(files), "\(name) \(count)")
      }
    }
  }

  @Test func `what is derived can be lost`() throws {
    let files = try Self.store()
    files[Path("/store/cache/index")] = nil
    let store = try ObjectStore(opening: Sample.root, files: files)
    #expect(try Sample.read(Sample.main, in: store) == 2)
    #expect(store.verify(.full).isEmpty)
  }

  @Test func `hostile packs are refused or read, never trusted`() throws {
    let intact = try Self.store()
    let pack = try #require(intact.fileNames.first { $0.hasSuffix(".pack") })
    let bytes = try #require(intact[Path(pack)])
    var generator = SeededGenerator(seed: 12)
    let before = peakVirtualByteCount()
    for _ in 0..<(FaultTests.isSlow ? 20_000 : 400) {
      var mutant = bytes.mutated(by: &generator, donor: bytes)
      // A footer that checks, so that the rules behind the digest are reached.
      if mutant.count > 200 {
        let footerCount = 1024 + 56 * 3
        let start = max(0, mutant.count - 56 - footerCount)
        let footer = Array(mutant[start..<mutant.count - 56])
        mutant.replaceSubrange((mutant.count - 32)..., with: BLAKE3.digest(of: footer).bytes)
      }
      let files = intact.afterwards(.none)
      files[Path("/store/cache/index")] = nil
      files[Path(pack)] = mutant
      #expect(try Self.isNeverWrong(files))
    }
    #expect(peakVirtualByteCount() - before < 512 << 20)
  }
}

extension DamageTests {
  @Test func `storing the same again heals a damaged pack`() throws {
    let files = MemoryFiles()
    let store = try ObjectStore.create(at: Sample.root, files: files)
    let name = try #require(try Sample.commit(step: 1, in: store).packs.first)
    let path = store.paths.pack(name)
    let bytes = try #require(files[path])
    var damaged = bytes
    damaged[bytes.count - 1] ^= 1
    files[path] = damaged
    let again = try ObjectStore(opening: Sample.root, files: files)
    #expect(again.verify(.fast).contains { !$0.isHarmless })
    #expect(throws: StorageError.self) { try Sample.read(Sample.main, in: again) }
    let operation = try Sample.commit(step: 1, in: again)
    #expect(operation.packs == [name])
    #expect(files[path] == bytes)
    #expect(try Sample.read(Sample.main, in: ObjectStore(opening: Sample.root, files: files)) == 1)
  }
}
