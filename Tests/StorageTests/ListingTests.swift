import Digests
import Files
import TestSupport
import Testing

@testable import Storage

@Suite struct ListingTests {
  /// Many small objects in many packs, of which some are in the index.
  static func store(isIndexed: Bool) throws -> (store: ObjectStore, ids: [ObjectID]) {
    let store = try ObjectStore.create(at: Sample.root, files: MemoryFiles())
    var ids: [ObjectID] = []
    for pack in 0..<4 {
      let transaction = try store.begin(at: Sample.now)
      for number in 0..<200 {
        ids.append(try transaction.put(Sample.object("\(pack) \(number)")))
      }
      _ = try transaction.put([ChunkInput([UInt8(pack)], layout: .bytes)])
      _ = try transaction.commit([], at: Sample.now)
      if isIndexed, pack == 2 { store.packs.updateIndex(always: true) }
    }
    return (try ObjectStore(opening: Sample.root, files: store.files), ids.sorted())
  }

  @Test(arguments: [false, true])
  func `finds ids by their first digits`(isIndexed: Bool) throws {
    let (store, ids) = try Self.store(isIndexed: isIndexed)
    let digits = ids.map { Array($0.digest.hexadecimal.utf8) }
    // Of 800 ids some share four digits with their neighbour.
    let twin = try #require(
      digits.indices.dropFirst().first {
        digits[$0].prefix(4) == digits[$0 - 1].prefix(4)
      })
    for index in Array(stride(from: 0, to: ids.count, by: 40)) + [twin] {
      for count in [4, 5, 7, 63, 64] {
        let prefix = digits[index].prefix(count)
        let expected = ids.indices.filter { digits[$0].starts(with: prefix) }.map { ids[$0] }
        #expect(try store.ids(withPrefix: String(decoding: prefix, as: UTF8.self)) == expected)
      }
    }
    let prefix = ids[7].digest.hexadecimal.prefix(9)
    #expect(try store.ids(withPrefix: "b3:\(prefix)") == [ids[7]])
    #expect(try store.ids(withPrefix: prefix.uppercased()) == [ids[7]])
    // A chunk is no object.
    let chunk = BLAKE3.digest(of: [1])
    #expect(try store.contains(chunk: chunk))
    #expect(try store.ids(withPrefix: chunk.hexadecimal).isEmpty)
  }

  @Test(arguments: ["", "abc", "b3:abc", "abcg", "abc ", String(repeating: "a", count: 65), "äöüß"])
  func `refuses what is no beginning of an id`(prefix: String) throws {
    let (store, _) = try Self.store(isIndexed: false)
    #expect(throws: StorageError.invalidPrefix(prefix)) { try store.ids(withPrefix: prefix) }
  }

  @Test(arguments: [false, true])
  func `lists all objects with their kinds, from heads alone`(isIndexed: Bool) throws {
    let (store, ids) = try Self.store(isIndexed: isIndexed)
    // The last byte of each record is damaged: nothing but heads may be read.
    let files = try #require(store.files as? MemoryFiles)
    for name in store.packs.names {
      var bytes = try #require(files[store.paths.pack(name)])
      for entry in try store.packs.pack(name).footer().entries() {
        bytes[entry.offset + entry.byteCount - 1] ^= 1
      }
      files[store.paths.pack(name)] = bytes
    }
    let again = try ObjectStore(opening: Sample.root, files: files)
    var found: [ObjectID] = []
    try again.forEachObject { (id, kind) throws(StorageError) in
      #expect(kind == Sample.kind("note"))
      found.append(id)
    }
    #expect(found == ids)
    #expect(throws: StorageError.self) { try again.object(ids[0]) }
  }

  @Test func `lists what another process wrote, and nothing that is gone`() throws {
    let (store, ids) = try Self.store(isIndexed: true)
    let other = try ObjectStore(opening: Sample.root, files: store.files)
    let transaction = try other.begin(at: Sample.now)
    let new = try transaction.put(Sample.object("new"))
    _ = try transaction.commit([], at: Sample.now)
    #expect(try store.ids(withPrefix: new.digest.hexadecimal) == [new])
    let name = try #require(try store.find(.object(ids[0]))?.pack)
    try store.files.remove(store.paths.pack(name))
    #expect(try store.ids(withPrefix: ids[0].digest.hexadecimal).isEmpty)
    var count = 0
    try store.forEachObject { (_, _) throws(StorageError) in count += 1 }
    #expect(count == 601)
  }

  @Test func `a large pack is indexed at once, small ones are not`() throws {
    let store = try ObjectStore.create(at: Sample.root, files: MemoryFiles())
    func commit(_ numbers: Range<Int>) throws {
      let transaction = try store.begin(at: Sample.now)
      for number in numbers { _ = try transaction.put(Sample.object("\(number)")) }
      _ = try transaction.commit([], at: Sample.now)
    }
    func indexed(_ path: Path? = nil) -> Int? {
      PackIndex(path ?? store.paths.index, files: store.files)?.entryCount
    }
    let newIndex = store.paths.newIndex
    try commit(0..<10)
    #expect(indexed() == nil)
    try commit(10..<4110)
    #expect(indexed() == 4110)
    try commit(4110..<4120)
    #expect(indexed() == 4110)
    #expect(indexed(newIndex) == nil)
    #expect(store.verify(.full) == [])
    // What comes then has an index of its own, until there is much of it.
    try commit(4120..<9000)
    #expect(indexed() == 4110)
    #expect(indexed(newIndex) == 4890)
    try expectAll(9000, in: store)
    try commit(9000..<14000)
    #expect(indexed() == 4110)
    #expect(indexed(newIndex) == 9890)
    try commit(14000..<21000)
    #expect(indexed() == 21000)
    #expect(indexed(newIndex) == nil)
    try expectAll(21000, in: store)
    #expect(store.verify(.full) == [])
  }

  private func expectAll(_ count: Int, in store: ObjectStore) throws {
    let again = try ObjectStore(opening: Sample.root, files: store.files)
    var ids: [ObjectID] = []
    try again.forEachObject { (id, _) throws(StorageError) in ids.append(id) }
    #expect(ids == (0..<count).map { Sample.object("\($0)").id }.sorted())
    for number in stride(from: 0, to: count, by: 997) {
      let id = Sample.object("\(number)").id
      #expect(try again.object(id) == Sample.object("\(number)"))
      for digits in [4, 5, 9] {
        let prefix = String(id.digest.hexadecimal.prefix(digits))
        let expected = ids.filter { $0.digest.hexadecimal.hasPrefix(prefix) }
        #expect(try again.ids(withPrefix: prefix) == expected)
      }
    }
  }

  @Test func `an index that is damaged is done without, and told`() throws {
    let files = MemoryFiles()
    let store = try ObjectStore.create(at: Sample.root, files: files)
    var last = 0
    for count in [4200, 4300] {
      let transaction = try store.begin(at: Sample.now)
      for number in last..<last + count { _ = try transaction.put(Sample.object("\(number)")) }
      _ = try transaction.commit([], at: Sample.now)
      last += count
    }
    for path in [store.paths.index, store.paths.newIndex] {
      let sound = try #require(files[path])
      for place in stride(from: 0, to: sound.count, by: sound.count / 60) {
        var damaged = sound
        damaged[place] ^= 0x10
        files[path] = damaged
        #expect(store.verify(.full) == [.damagedIndex], "\(place)")
        let again = try ObjectStore(opening: Sample.root, files: files)
        for number in stride(from: 0, to: last, by: 601) {
          #expect(try again.object(Sample.object("\(number)").id) == Sample.object("\(number)"))
        }
      }
      files[path] = sound
    }
    #expect(store.verify(.full) == [])
  }
}
