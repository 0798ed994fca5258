import Adapters
import Digests
import Files
import Storage
import Testing

@testable import History

/// Damage of every sort, and how it is told.
@Suite struct CheckTests {
  /// Two commits of an adapter, and a text beside it.
  static func sample() throws -> SampleRepository {
    let sample = try SampleRepository()
    try sample.commit(
      "first", ["runs/math": .adapter(tensors: ["a": [1, 2, 3], "b": [4]]), "note": .text("one")])
    try sample.commit(
      "second", ["runs/math": .adapter(tensors: ["a": [1, 2, 4], "b": [4]])])
    return sample
  }

  static func check(
    _ sample: SampleRepository, _ level: CheckLevel = .usual
  ) throws -> CheckReport {
    // Opened anew, so that nothing is remembered.
    try Repository(around: sample.folder.path).check(level, execution: Execution())
  }

  /// Stores objects and names one of them by a ref, whatever that breaks.
  static func put(
    _ objects: [StoredObject], naming name: String, in sample: SampleRepository
  ) throws {
    let store = sample.repository.store
    let time = Timestamp(seconds: sample.time)
    let transaction = try store.begin(at: time)
    let ids = try objects.map { try transaction.put($0) }
    let ref = try RefName(name)
    _ = try transaction.commit(
      [
        RefUpdate(
          ref, from: try store.log.value(of: ref), to: .object(try #require(ids.last)))
      ], at: time)
  }

  /// A commit of one tree.
  static func commit(_ tree: ObjectID) -> StoredObject {
    Commit(
      tree: tree, parents: [], author: Signature(name: "Ada", email: ""),
      time: Timestamp(seconds: 1), message: "x\n"
    ).object
  }

  /// An adapter at `math` with one file of these segments, the objects in their order.
  static func adapter(_ record: FileRecord, claiming byteCount: Int? = nil) throws -> [StoredObject]
  {
    let snapshot = Snapshot(
      content: .adapter, format: "peft", method: "lora", contentID: nil, base: nil,
      declaredBase: nil,
      files: [
        "w.st": Snapshot.File(
          byteCount: byteCount ?? record.byteCount, digest: record.digest, file: record.id)
      ])
    let tree = TreeNode.leaf([try TrackedPath("math"): snapshot.id])
    return [record.object, snapshot.object, tree.object, commit(tree.id)]
  }

  static func record(
    _ segments: [FileRecord.Segment], byteCount: Int, of bytes: [UInt8] = []
  ) -> FileRecord {
    FileRecord(
      byteCount: byteCount, digest: BLAKE3.digest(of: bytes), sha256: SHA256.digest(of: bytes),
      segments: segments)
  }

  @Test func `nothing is wrong with what was committed`() throws {
    let sample = try Self.sample()
    for level in [CheckLevel.fast, .usual, .full, .subset(0, of: 3)] {
      let report = try Self.check(sample, level)
      #expect(report.isClean && report.affected.isEmpty, "\(level): \(report.findings)")
    }
    let counts = try Self.check(sample, .full).counts
    // The second commit shares the note and one of two tensors.
    #expect(counts.refs == 2 && counts.commits == 2 && counts.snapshots == 3)
    #expect(counts.files == 3 && counts.readFiles == 3 && counts.tensors == 3)
    #expect(counts.chunks == 4)
  }

  @Test func `parts of a subset read every file once`() throws {
    let sample = try Self.sample()
    let counts = try (0..<5).map { try Self.check(sample, .subset($0, of: 5)).counts.readFiles }
    #expect(counts.reduce(0, +) == 3)
  }

  @Test func `a missing chunk is named by tensor, file, path, commit and ref`() throws {
    let sample = try Self.sample()
    let lost = BLAKE3.digest(of: [9])
    let tensor = TensorObject(elementType: "U8", extents: [1], byteCount: 1, chunks: [lost])
    let record = Self.record([.tensor(tensor.id, name: "w")], byteCount: 1)
    let objects = [tensor.object] + (try Self.adapter(record))
    try Self.put(objects, naming: "refs/heads/broken", in: sample)
    let report = try Self.check(sample)
    let finding = try #require(report.findings.first)
    #expect(report.findings.count == 1 && finding.problem == .missing(.chunk(lost)))
    let commit = try #require(objects.last?.id)
    #expect(finding.place.ref?.text == "refs/heads/broken" && finding.place.commit == commit)
    #expect(finding.place.path?.text == "math" && finding.place.file == "w.st")
    #expect(finding.place.tensor == "w" && !finding.isHarmless)
    let version = try #require(report.affected.first)
    #expect(report.affected.count == 1 && version.commit == commit && version.commitCount == 1)
    #expect(version.path?.text == "math" && version.files == ["w.st"])
    // What is not looked at is not found.
    #expect(try Self.check(sample, .fast).isClean)
  }

  @Test func `a missing tree, file and parent are found`() throws {
    let sample = try Self.sample()
    let nowhere = ObjectID(BLAKE3.digest(of: [1]))
    try Self.put([Self.commit(nowhere)], naming: "refs/heads/tree", in: sample)
    #expect(try Self.check(sample).findings.map(\.problem) == [.missing(.object(nowhere))])
    let objects = try Self.adapter(Self.record([], byteCount: 0)).dropFirst()
    try Self.put(Array(objects), naming: "refs/heads/tree", in: sample)
    let report = try Self.check(sample)
    #expect(
      report.findings.map(\.problem) == [.missing(.object(Self.record([], byteCount: 0).id))])
    #expect(report.affected.map(\.files) == [["w.st"]])
  }

  @Test func `kinds that do not fit are found`() throws {
    let sample = try Self.sample()
    let note = StoredObject(kind: .snapshot, payload: Array("{}".utf8))
    try Self.put([note, Self.commit(note.id)], naming: "refs/heads/kind", in: sample)
    try Self.put([note], naming: "refs/heads/snapshot", in: sample)
    #expect(
      Set(try Self.check(sample).findings.map(\.problem)) == [
        .wrongKind(note.id, expected: "tree", actual: "snapshot"),
        .wrongKind(note.id, expected: "commit", actual: "snapshot"),
      ])
  }

  @Test func `sizes that do not add up are found`() throws {
    let sample = try Self.sample()
    let record = Self.record([], byteCount: 7)
    try Self.put(try Self.adapter(record), naming: "refs/heads/size", in: sample)
    #expect(
      try Self.check(sample).findings.map(\.problem) == [
        .malformed(record.id, kind: "file", rule: "has segments of 0 bytes in a file of 7")
      ])
    let empty = Self.record([], byteCount: 0)
    let objects = try Self.adapter(empty, claiming: 3)
    try Self.put(objects, naming: "refs/heads/size", in: sample)
    #expect(
      try Self.check(sample).findings.map(\.problem) == [
        .malformed(
          objects[1].id, kind: "snapshot",
          rule: "gives \"w.st\" another size or digest than its file has")
      ])
  }

  @Test func `a sum that no number holds is no size`() throws {
    let sample = try Self.sample()
    let huge = TensorObject(elementType: "U8", extents: [], byteCount: 0, chunks: [])
    let record = Self.record(
      [.tensor(huge.id, name: "a"), .tensor(huge.id, name: "b")], byteCount: 1 << 52)
    try Self.put(
      [huge.object] + (try Self.adapter(record)), naming: "refs/heads/size", in: sample)
    #expect(try Self.check(sample).findings.count == 1)
  }

  @Test func `a digest that is not the bytes' is found by reading them`() throws {
    let sample = try Self.sample()
    let record = Self.record([], byteCount: 0, of: [1, 2, 3])
    try Self.put(try Self.adapter(record), naming: "refs/heads/digest", in: sample)
    #expect(try Self.check(sample).isClean)
    let report = try Self.check(sample, .full)
    #expect(
      report.findings.map(\.problem) == [
        .malformed(record.id, kind: "file", rule: "has other bytes than its digests say")
      ])
    #expect(report.affected.map(\.path?.text) == ["math"])
  }

  @Test func `entries within one another are found`() throws {
    let sample = try Self.sample()
    let note = try #require(
      try sample.repository.trees.snapshot(
        at: try TrackedPath("note"),
        in: try sample.repository.tree(of: sample.repository.commit("HEAD"))))
    let tree = TreeNode.leaf([try TrackedPath("a"): note, try TrackedPath("a/b"): note])
    try Self.put([tree.object, Self.commit(tree.id)], naming: "refs/heads/nested", in: sample)
    #expect(
      try Self.check(sample).findings.map(\.problem) == [
        .malformed(tree.id, kind: "tree", rule: "has \"a/b\" within \"a\"")
      ])
  }

  @Test func `a path that leads elsewhere is found`() throws {
    let sample = try Self.sample()
    let id = ObjectID(BLAKE3.digest(of: [1]))
    let tree = StoredObject(
      kind: .tree, payload: Array(#"{"entries":{"../x":"\#(id)"}}"#.utf8))
    try Self.put([tree, Self.commit(tree.id)], naming: "refs/heads/path", in: sample)
    let problems = try Self.check(sample).findings.map(\.problem)
    #expect(
      problems == [
        .malformed(tree.id, kind: "tree", rule: "has an entry whose path has the component \"..\"")
      ])
  }

  @Test func `a branch that counts wrongly is found`() throws {
    let sample = try Self.sample()
    let leaf = TreeNode.leaf([:])
    var children = [TreeNode.Child?](repeating: nil, count: 16)
    children[3] = TreeNode.Child(count: 500, tree: leaf.id)
    let tree = TreeNode.branch(children)
    try Self.put(
      [leaf.object, tree.object, Self.commit(tree.id)], naming: "refs/heads/count", in: sample)
    #expect(
      try Self.check(sample).findings.map(\.problem) == [
        .malformed(tree.id, kind: "tree", rule: "counts 500 entries where 0 are")
      ])
  }

  @Test func `a flipped bit is found by reading, and told as what it hit`() throws {
    let sample = try Self.sample()
    let packs = sample.folder.path.appending(".adapterctl/packs")
    for name in try packs.entryNames() {
      let path = packs.appending(name)
      let bytes = try FileReader.contents(of: path, limit: 1 << 20)
      for place in stride(from: 40, to: bytes.count, by: 97) {
        var damaged = bytes
        damaged[place] ^= 0x10
        try path.removeTree()
        try FileWriter.write(damaged, creating: path)
        let report = try Self.check(sample, .full)
        #expect(!report.isClean, "\(name) at \(place)")
      }
      try path.removeTree()
      try FileWriter.write(bytes, creating: path)
    }
    #expect(try Self.check(sample, .full).isClean)
  }
}
