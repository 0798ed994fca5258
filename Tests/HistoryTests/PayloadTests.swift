import Digests
import JSON
import Storage
import Tensors
import TestSupport
import Testing

@testable import History

/// Every kind of object there and back, and every way to spell it wrongly.
@Suite struct PayloadTests {
  private static let digest = BLAKE3.digest(of: Array("a".utf8))
  private static let other = BLAKE3.digest(of: Array("b".utf8))
  private static let sha256 = SHA256.digest(of: Array("a".utf8))
  private static let id = ObjectID(digest)
  private static let person = Signature(name: "Ä \u{1B}\u{202E}\"\\\n", email: "a@example.org")
  private static let time = Timestamp(seconds: -5)

  private static func path(_ text: String) -> TrackedPath {
    guard let path = try? TrackedPath(text) else { preconditionFailure(text) }
    return path
  }

  private static let file = FileRecord(
    byteCount: 1_048_577, digest: digest, sha256: sha256,
    segments: [
      .bytes(byteCount: 1_048_577, chunks: [digest, other]), .tensor(id, name: "w.\u{0} ü"),
    ])
  private static let snapshot = Snapshot(
    content: .adapter, format: "peft", method: "lora", contentID: digest,
    base: CheckpointID(other), declaredBase: "org/base",
    files: [
      "a/b.json": .init(byteCount: 0, digest: digest, file: id),
      "w": .init(byteCount: 5, digest: other, file: ObjectID(other)),
    ])
  private static let plain = Snapshot(
    content: .file, format: "file", method: nil, contentID: nil, base: nil, declaredBase: nil,
    files: ["": .init(byteCount: 7, digest: digest, file: id)])
  private static let branch = TreeNode.branch(
    (0..<16).map { $0 % 3 == 0 ? nil : .init(count: 40 + $0, tree: id) })
  private static let commit = Commit(
    tree: id, parents: [id, ObjectID(other)], author: person, time: time, message: "why\n\nK: v\n")
  private static let tag = Tag(
    target: id, name: "v1", tagger: person, time: time, message: "\u{7F}\u{85}\n")
  private static let base = Base(
    checkpoint: CheckpointID(digest), tensors: ["w": TensorID(other), "\u{E9}": TensorID(digest)],
    files: [
      "model.safetensors": .init(byteCount: 9, digest: nil, sha256: nil),
      "config.json": .init(byteCount: 9, digest: digest, sha256: sha256),
    ], snapshot: id, source: "org/base@main")
  private static let merge = MergeRecord(
    adapters: [
      .init(content: digest, path: "math", weight: "0.7", revision: "HEAD:math", snapshot: id),
      .init(content: other, path: "/x", weight: "1", revision: nil, snapshot: nil),
    ], base: CheckpointID(digest), merged: CheckpointID(other), output: "out", receipt: nil,
    time: time)
  private static let tensor = TensorObject(
    elementType: "BF16", extents: [1025, 1024], byteCount: 2_099_200,
    chunks: [digest, other, digest])

  /// The kinds whose payload is a document, each with how it is read.
  private static let documents: [(StoredObject, @Sendable (StoredObject) throws -> StoredObject)] =
    [
      (file.object, { try FileRecord($0, id: $0.id).object }),
      (snapshot.object, { try Snapshot($0, id: $0.id).object }),
      (plain.object, { try Snapshot($0, id: $0.id).object }),
      (TreeNode.leaf([path("a"): id, path("b/c"): id]).object, reading(TreeNode.self)),
      (TreeNode.leaf([:]).object, reading(TreeNode.self)),
      (branch.object, reading(TreeNode.self)),
      (commit.object, { try Commit($0, id: $0.id).object }),
      (tag.object, { try Tag($0, id: $0.id).object }),
      (base.object, { try Base($0, id: $0.id).object }),
      (merge.object, { try MergeRecord($0, id: $0.id).object }),
    ]

  private static func reading<Value: Kept>(
    _ type: Value.Type
  ) -> @Sendable (StoredObject) throws -> StoredObject {
    { try Value($0, id: $0.id).object }
  }

  @Test func `every kind comes back as it was`() throws {
    for (object, read) in Self.documents { #expect(try read(object) == object) }
    #expect(try FileRecord(Self.file.object, id: Self.file.id) == Self.file)
    #expect(try Snapshot(Self.snapshot.object, id: Self.snapshot.id) == Self.snapshot)
    #expect(try TreeNode(Self.branch.object, id: Self.branch.id) == Self.branch)
    #expect(try Commit(Self.commit.object, id: Self.commit.id) == Self.commit)
    #expect(try Tag(Self.tag.object, id: Self.tag.id) == Self.tag)
    #expect(try Base(Self.base.object, id: Self.base.id) == Self.base)
    #expect(try MergeRecord(Self.merge.object, id: Self.merge.id) == Self.merge)
    #expect(try TensorObject(Self.tensor.object, id: Self.tensor.id) == Self.tensor)
  }

  @Test func `references are all ids but those of content`() throws {
    func count(_ object: StoredObject) throws -> Int {
      try HistoryReferences.of(object).count
    }
    #expect(try Self.documents.map { try count($0.0) } == [3, 2, 1, 2, 0, 10, 3, 1, 1, 1])
    #expect(try count(Self.tensor.object) == 3)
    #expect(try count(StoredObject(kind: try #require(ObjectKind("future")), payload: [1])) == 0)
  }

  @Test func `an object of another kind is refused`() {
    for (object, read) in Self.documents {
      let wrong = StoredObject(kind: object.kind == .tag ? .commit : .tag, payload: object.payload)
      #expect(throws: HistoryError.self) { try read(wrong) }
    }
    let wrong = StoredObject(kind: .file, payload: Self.tensor.object.payload)
    #expect(throws: HistoryError.self) { try TensorObject(wrong, id: wrong.id) }
  }

  /// Each document with one thing changed, anywhere in it.
  private static func variants(_ value: JSONValue) -> [JSONValue] {
    switch value {
    case .object(let members):
      var variants: [JSONValue] = []
      for (index, member) in members.enumerated() {
        var without = members
        without.remove(at: index)
        // One of several files, entries and tensors may be missing: a map has any keys.
        variants.append(.object(without))
        for inner in Self.variants(member.value) + [.array([]), .bool(true), .integer(-3), [:]] {
          var changed = members
          changed[index] = .init(member.key, inner)
          variants.append(.object(changed))
        }
      }
      return variants + [.object(members + [.init("zzz", .null)])]
    case .array(let elements):
      return elements.indices.flatMap { index in
        ([.null, .string("x"), .integer(1)] + Self.variants(elements[index])).map {
          var changed = elements
          changed[index] = $0
          return .array(changed)
        }
      }
    case .string(let text): return [.string(text.uppercased()), .string(text + "0"), .null]
    case .integer(let number): return [.string("\(number)"), .number(Double(number)), .null]
    default: return [.string(""), .integer(0)]
    }
  }

  /// Reads every variant: it is refused, or it is a value whose object is exactly these bytes.
  @Test func `a changed document is refused or is another value`() throws {
    var refused = 0
    for (object, read) in Self.documents {
      for variant in Self.variants(try JSONValue(parsing: object.payload)) {
        guard let payload = try? CanonicalJSON.bytes(of: variant), payload != object.payload else {
          continue
        }
        let changed = StoredObject(kind: object.kind, payload: payload)
        do {
          #expect(try read(changed) == changed)
        } catch {
          refused += 1
          guard case HistoryError.malformedObject = error else {
            Issue.record("\(error): \(String(decoding: payload, as: UTF8.self))")
            continue
          }
          #expect(throws: StorageError.self) { try HistoryReferences.of(changed) }
        }
      }
    }
    #expect(refused > 300)
  }

  @Test func `another spelling of the same document is refused`() {
    for (object, read) in Self.documents {
      let text = String(decoding: object.payload, as: UTF8.self)
      for spelling in [
        " " + text, text + "\n", text.replacing(",", with: ", ", maxReplacements: 1),
        text.replacing(":", with: ": ", maxReplacements: 1),
        text.replacing("a", with: "\\u0061", maxReplacements: 1), "\u{FEFF}" + text,
        String(text.dropLast()), text + text,
      ] where spelling != text {
        let changed = StoredObject(kind: object.kind, payload: Array(spelling.utf8))
        #expect(throws: HistoryError.self, "\(spelling)") { try read(changed) }
      }
    }
  }

  @Test(arguments: [
    "../x", "/x", "a/../b", ".adapterctl/config.json", "a//b", "../\u{301}x", "\u{1B}",
  ])
  func `a path that leads elsewhere is refused in every kind that has one`(path: String) throws {
    let entries = StoredObject(
      .tree, ["entries": .object([.init(path, .string(Self.digest.description))])])
    #expect(throws: HistoryError.self) { try TreeNode(entries, id: entries.id) }
    var snapshot = Self.snapshot
    snapshot.files[path] = .init(byteCount: 1, digest: Self.digest, file: Self.id)
    let object = snapshot.object
    #expect(throws: HistoryError.self) { try Snapshot(object, id: object.id) }
  }

  @Test func `a malformed tensor is refused`() {
    let payload = Self.tensor.object.payload
    var refused = 0
    for count in 0..<payload.count {
      let cut = StoredObject(kind: .tensor, payload: Array(payload[..<count]))
      #expect(throws: HistoryError.self) { try TensorObject(cut, id: cut.id) }
    }
    var generator = SeededGenerator(seed: 4)
    for _ in 0..<20_000 {
      let changed = StoredObject(
        kind: .tensor, payload: payload.mutated(by: &generator, donor: payload))
      do {
        // What is taken is taken whole: its bytes are those of the value.
        #expect(try TensorObject(changed, id: changed.id).object == changed)
      } catch { refused += 1 }
    }
    #expect(refused > 1000)
  }
}
