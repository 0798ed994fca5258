import Digests
import Files
import Foundation
import TestSupport
import Testing

@testable import Storage

/// Files that were written once: they stay readable, and are written the same.
@Suite struct FormatGoldenTests {
  static let noteKind = Sample.kind("note")

  /// One chunk for each encoding, with its body worked out by hand from FORMAT.md.
  static let chunks: [(body: EncodedChunk, bytes: [UInt8], parent: Int?, depth: Int)] = [
    (
      EncodedChunk(encoding: .raw, layout: .bytes, body: [1, 2, 3]), [1, 2, 3], nil, 0
    ),
    (
      // A frame of 64 bytes in a single segment: one last block that repeats an "a".
      EncodedChunk(
        encoding: .zstd,
        layout: .bytes,
        body: [0x28, 0xB5, 0x2F, 0xFD, 0x20, 64, 0x03, 0x02, 0x00, 0x61]
      ),
      [UInt8](repeating: 0x61, count: 64), nil, 0
    ),
    (
      // Exponents that are all 127, then signs and mantissas: 1, −1, and what follows 1, and 1.5.
      EncodedChunk(
        encoding: .planes, layout: .bfloat16, body: [1, 0x7F, 0, 0x00, 0x80, 0x01, 0x40]),
      [0x80, 0x3F, 0x80, 0xBF, 0x81, 0x3F, 0xC0, 0x3F], nil, 0
    ),
    (
      // Each number one above the parent's.
      EncodedChunk(encoding: .difference, layout: .bfloat16, body: [1, 0, 1, 2]),
      [0x81, 0x3F, 0x7F, 0xBF, 0x82, 0x3F, 0xC1, 0x3F], 2, 1
    ),
    (
      // Each number one below the parent's; all are in the first bucket.
      EncodedChunk(
        encoding: .bucketedDifference, layout: .bfloat16, body: [127, 0, 16, 1, 0, 16, 1, 1]),
      [0x80, 0x3F, 0x80, 0xBF, 0x81, 0x3F, 0xC0, 0x3F], 3, 2
    ),
  ]

  static let digests: [Digest] = chunks.map { BLAKE3.digest(of: $0.bytes) }

  /// The last chunk gives back the third: to have another digest its numbers are one below that.
  static let objectPayload = digests.prefix(4).map(\.description).joined(separator: " ")

  /// The file `fixtures/store/NAME`, which must be these bytes; `RECORD_GOLDEN=1` writes it.
  static func expect(_ bytes: [UInt8], _ name: String) throws {
    let path = Fixtures.folder.appending("store/\(name)")
    if ProcessInfo.processInfo.environment["RECORD_GOLDEN"] == "1" {
      #expect(FileManager.default.createFile(atPath: path.text, contents: Data(bytes)))
    }
    #expect(try FileReader.contents(of: path, limit: 1 << 20) == bytes, "\(name)")
  }

  /// A store with one pack, into which the records were put as they are.
  static func store() throws -> (store: ObjectStore, pack: Digest, object: ObjectID) {
    let store = try ObjectStore.create(at: Sample.root, files: MemoryFiles())
    let writer = try PackWriter(files: store.files, paths: store.paths)
    for (index, chunk) in chunks.prefix(4).enumerated() {
      let record = PackRecord(
        chunk.body,
        digest: digests[index],
        byteCount: chunk.bytes.count,
        parent: chunk.parent.map { digests[$0] }
      )
      try writer.append(FinishedRecord(record, depth: chunk.depth))
    }
    let object = StoredObject(kind: noteKind, payload: Array(objectPayload.utf8))
    let record = PackRecord(object, id: object.id, encoding: .raw, body: object.payload)
    try writer.append(FinishedRecord(record, depth: 0))
    let name = try writer.publish()
    try store.packs.insert(name)
    return (store, name, object.id)
  }

  static func file(_ path: Path, in store: ObjectStore) throws -> [UInt8] {
    let reader = try store.files.open(path)
    return try reader.bytes(at: 0, count: reader.byteCount)
  }

  @Test func `a pack has the bytes it always had, and reads as it did`() throws {
    let (store, name, object) = try Self.store()
    try Self.expect(try Self.file(store.paths.pack(name), in: store), "tiny.pack")
    // The file as it was committed, in a store of its own.
    let bytes = try FileReader.contents(
      of: Fixtures.folder.appending("store/tiny.pack"), limit: 1 << 20)
    let files = MemoryFiles()
    let again = try ObjectStore.create(at: Sample.root, files: files)
    files[again.paths.pack(BLAKE3.digest(of: bytes))] = bytes
    try again.packs.refresh()
    for (index, chunk) in Self.chunks.prefix(4).enumerated() {
      #expect(try again.chunk(Self.digests[index]) == chunk.bytes, "\(index)")
    }
    #expect(try again.object(object).payload == Array(Self.objectPayload.utf8))
    #expect(again.verify(.full) == [])
  }

  @Test func `bodies worked out by hand decode to what they should`() throws {
    let codec = ChunkCodec()
    for chunk in Self.chunks {
      #expect(
        try codec.decode(
          chunk.body,
          byteCount: chunk.bytes.count,
          parent: chunk.parent.map { Self.chunks[$0].bytes }
        ) == chunk.bytes,
        "\(chunk.body.encoding)"
      )
    }
  }

  @Test func `entries of the log, checkpoints and lists have the bytes they always had`() throws {
    let (_, name, object) = try Self.store()
    let operation = Storage.Operation(
      sequence: 64,
      previous: Self.digests[0],
      time: Sample.now,
      note: OperationNote(actor: "ada", command: "commit", message: "one\n\u{7F}é", nonce: "7"),
      packs: [name],
      updates: [
        RefUpdate(.head, from: nil, to: .symbolic(Sample.main)),
        RefUpdate(Sample.main, from: nil, to: .object(object)),
      ]
    )
    let sealed = try SealedDocument(operation.document)
    try Self.expect(sealed.bytes, "tiny.op")
    var state = LogState()
    state.sequence = 63
    state.digest = Self.digests[0]
    try state.apply(operation, digest: sealed.digest)
    try Self.expect(try SealedDocument(state.document).bytes, "tiny.ckpt")
    let condemnation = Condemnation(sequence: 1, packs: [name], time: Sample.now)
    try Self.expect(try SealedDocument(condemnation.document).bytes, "tiny.condemned")
    // And they are read as what they were written from.
    let folder = Fixtures.folder.appending("store")
    let read = try SealedDocument(reading: folder.appending("tiny.op"), files: DiskFiles())
    #expect(try Storage.Operation(read.document) == operation)
    let checkpoint = try SealedDocument(reading: folder.appending("tiny.ckpt"), files: DiskFiles())
    #expect(try LogState(checkpoint: checkpoint.document) == state)
  }

  @Test func `a bundle has the bytes it always had`() throws {
    let (store, _, object) = try Self.store()
    let path = Path("/store/tiny.bundle")
    try Bundle.create(
      at: path,
      from: store,
      refs: [Sample.main: object],
      files: store.files,
      references: CareTests.references
    )
    try Self.expect(try Self.file(path, in: store), "tiny.bundle")
    let bundle = try Bundle(opening: Fixtures.folder.appending("store/tiny.bundle"))
    #expect(try bundle.verify(references: CareTests.references).chunkCount == 4)
    #expect(bundle.refs == [Sample.main: object])
  }
}
