import Digests
import Files
import Parallel
import Testing

@testable import Storage

/// A small store and what is done to it in tests.
enum Sample {
  static let root = Path("/store")
  static let now = Timestamp(seconds: 1_800_000_000)
  static let main = name("refs/heads/main")

  static func name(_ text: String) -> RefName {
    guard let name = try? RefName(text) else { preconditionFailure("no ref name: \(text)") }
    return name
  }

  static func kind(_ text: String) -> ObjectKind {
    guard let kind = ObjectKind(text) else { preconditionFailure("no kind: \(text)") }
    return kind
  }

  static func object(_ text: String) -> StoredObject {
    StoredObject(kind: kind("note"), payload: Array(text.utf8))
  }

  /// Weights that move a little with every step.
  static func weights(step: Int, count: Int = 600) -> [UInt8] {
    let base = PlaneKernelsTests.noise(count * 4, seed: 5)
    return (0..<count).flatMap { index -> [UInt8] in
      let noise = UInt16(base[4 * index]) | UInt16(base[4 * index + 1]) << 8
      let number = 0x3C00 + UInt16(noise & 0x81FF) &+ UInt16(step * Int(base[4 * index + 2] & 3))
      return [UInt8(truncatingIfNeeded: number), UInt8(number >> 8)]
    }
  }

  /// Stores the weights of one step and an object that lists them, and moves a ref to it.
  @discardableResult
  static func commit(
    step: Int,
    to ref: RefName = main,
    in store: ObjectStore,
    parent: Digest? = nil,
    workers: Workers = Workers(count: 1)
  ) throws(StorageError) -> Storage.Operation {
    let transaction = try store.begin(at: now)
    let chunks = try transaction.put(
      [
        ChunkInput(weights(step: step), layout: .bfloat16, parent: parent),
        ChunkInput(Array("the same in every step".utf8), layout: .bytes),
      ],
      workers: workers
    )
    let id = try transaction.put(object("step \(step): \(chunks[0]) \(chunks[1])"))
    let old = try store.log.value(of: ref)
    return try transaction.commit(
      [RefUpdate(ref, from: old, to: .object(id))],
      note: OperationNote(command: "commit", message: "step \(step)"),
      at: now
    )
  }

  /// Reads what a ref names, and what that lists; throws where anything is missing or wrong.
  static func read(_ ref: RefName, in store: ObjectStore) throws -> Int? {
    guard let id = try store.log.object(of: ref) else { return nil }
    let text = String(decoding: try store.object(id).payload, as: UTF8.self)
    let words = text.split(separator: " ")
    let step = try #require(Int(words[1].dropLast()))
    let first = try #require(Digest(String(words[2])))
    let second = try #require(Digest(String(words[3])))
    #expect(try store.chunk(first) == weights(step: step))
    #expect(try store.chunk(second) == Array("the same in every step".utf8))
    return step
  }
}
