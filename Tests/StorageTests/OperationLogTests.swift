import Digests
import Files
import JSON
import Testing

@testable import Storage

@Suite struct OperationLogTests {
  static func moved(
    _ updates: [RefUpdate],
    in store: ObjectStore
  ) throws(StorageError) -> Storage.Operation {
    try store.begin(at: Sample.now).commit(updates, at: Sample.now)
  }

  static func store() throws -> (store: ObjectStore, one: RefValue, two: RefValue) {
    let store = try ObjectStore.create(at: Sample.root, files: MemoryFiles())
    let transaction = try store.begin(at: Sample.now)
    let ids = try ["one", "two"].map { try transaction.put(Sample.object($0)) }
    _ = try transaction.commit([], at: Sample.now)
    return (store, .object(ids[0]), .object(ids[1]))
  }

  @Test func `moves refs, follows symbolic ones, and remembers all of it`() throws {
    let (store, one, two) = try Self.store()
    let main = Sample.main
    _ = try Self.moved(
      [RefUpdate(main, from: nil, to: one), RefUpdate(.head, from: nil, to: .symbolic(main))],
      in: store
    )
    _ = try Self.moved([RefUpdate(main, from: one, to: two)], in: store)
    #expect(try store.log.value(of: .head) == .symbolic(main))
    #expect(try store.log.object(of: .head) == ObjectID("\(two)"))
    #expect(try store.log.operations(moving: main).map(\.sequence) == [3, 2])
    #expect(try store.log.operations().map(\.sequence) == [3, 2, 1])
    #expect(try store.log.operations(limit: 1).first?.updates.first?.old == one)
    #expect(throws: StorageError.missingOperation(4)) { try store.log.operation(4) }
  }

  @Test func `undoes an operation by another one, unless its refs moved on`() throws {
    let (store, one, two) = try Self.store()
    _ = try Self.moved([RefUpdate(Sample.main, from: nil, to: one)], in: store)
    let move = try Self.moved([RefUpdate(Sample.main, from: one, to: two)], in: store)
    _ = try Self.moved(move.inverse, in: store)
    #expect(try store.log.value(of: Sample.main) == one)
    #expect(throws: StorageError.refMoved(Sample.main, expected: two, actual: one)) {
      try Self.moved(move.inverse, in: store)
    }
    #expect(try store.log.lastSequence() == 4)
  }

  @Test func `refuses moves from where a ref is not`() throws {
    let (store, one, two) = try Self.store()
    #expect(throws: StorageError.refMoved(Sample.main, expected: one, actual: nil)) {
      try Self.moved([RefUpdate(Sample.main, from: one, to: two)], in: store)
    }
    _ = try Self.moved([RefUpdate(Sample.main, from: nil, to: one)], in: store)
    let other = Sample.name("refs/heads/Main")
    #expect(throws: StorageError.refDiffersInCase(other, existing: Sample.main)) {
      try Self.moved([RefUpdate(other, from: nil, to: one)], in: store)
    }
    #expect(throws: StorageError.self) {
      try Self.moved(
        [RefUpdate(other, from: nil, to: one), RefUpdate(other, from: nil, to: two)],
        in: store
      )
    }
    // The old name goes as the new one comes.
    _ = try Self.moved(
      [RefUpdate(Sample.main, from: one, to: nil), RefUpdate(other, from: nil, to: one)],
      in: store
    )
    #expect(try store.log.refs() == [other: one])
  }

  @Test func `reads the refs from a checkpoint as from all operations`() throws {
    let (store, one, two) = try Self.store()
    for number in 0..<140 {
      let name = Sample.name("refs/heads/b\(number % 9)")
      let old = try store.log.value(of: name)
      _ = try Self.moved([RefUpdate(name, from: old, to: number % 2 == 0 ? one : two)], in: store)
    }
    let again = try ObjectStore(opening: Sample.root, files: store.files)
    #expect(try store.files.names(in: store.paths.log).count { $0.hasSuffix(".ckpt") } == 2)
    #expect(try again.log.current() == store.log.current())
    #expect(try again.log.load(usingCheckpoints: false) == store.log.current())
    #expect(again.verify(.fast).isEmpty)
  }

  @Test(arguments: [
    "HEAD", "refs/heads/main", "a/b", "refs/tags/v1.0", "refs/heads/x_y-z", "FETCH_HEAD", "a/b.c/d",
  ])
  func `takes names`(text: String) throws {
    #expect(try RefName(text).text == text)
  }

  @Test(arguments: [
    "", "head", "/a", "a/", "a//b", "a/.b", "a/-b", "a/b.", "a/b.lock", "a/..", "a b/c", "a/\u{E9}",
    "a/b\n", "a/@{1}", "A/" + String(repeating: "x", count: 65),
    String(repeating: "a/", count: 100) + "b",
  ])
  func `refuses names`(text: String) {
    #expect(throws: StorageError.invalidRefName(text)) { try RefName(text) }
  }

  @Test func `has one spelling for a document`() throws {
    let document: JSONValue = ["b": [1, "x\u{7F}\n"], "a": .null, "\u{E9}": true]
    let bytes = try CanonicalJSON.bytes(of: document)
    #expect(
      String(decoding: bytes, as: UTF8.self)
        == "{\"a\":null,\"b\":[1,\"x\\u007f\\n\"],\"\u{E9}\":true}"
    )
    #expect(try CanonicalJSON.bytes(of: CanonicalJSON.parse(bytes)) == bytes)
    for other in [
      "{\"b\":1,\"a\":2}", "{ }", "1.0", "1e3", "9007199254740992", "\"\\u0041\"", "{}\n", "-0",
      String(repeating: "[", count: 18) + String(repeating: "]", count: 18),
    ] {
      #expect(throws: StorageError.notCanonical, "\(other)") {
        try CanonicalJSON.parse(Array(other.utf8))
      }
    }
  }
}
