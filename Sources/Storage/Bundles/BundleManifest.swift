internal import Digests
internal import JSON

/// What a bundle says of itself before its packs; see FORMAT.md, section 12.
struct BundleManifest: Hashable, Sendable {
  static let mark = Array("ADBN".utf8) + [1, 0, 0, 0]
  /// The mark and the manifest's byte count.
  static let headByteCount = 12
  static let maximumByteCount = 16 << 20

  let refs: [RefName: ObjectID]
  let prerequisites: [ObjectID]
  /// The byte counts of the packs.
  let packs: [Int]

  init(refs: [RefName: ObjectID], prerequisites: [ObjectID], packs: [Int]) {
    self.refs = refs
    self.prerequisites = prerequisites
    self.packs = packs
  }

  /// The mark, the byte count and the document.
  func bytes() throws(StorageError) -> [UInt8] {
    let document: JSONValue = [
      "packs": .array(packs.map { .integer($0) }),
      "prerequisites": .array(prerequisites.map { .string($0.description) }),
      "refs": .object(refs.map { .init($0.key.text, .string($0.value.description)) }),
    ]
    let body = try CanonicalJSON.bytes(of: document)
    guard body.count <= Self.maximumByteCount else {
      throw .tooLarge(byteCount: body.count, limit: Self.maximumByteCount)
    }
    var bytes = Self.mark
    bytes.append(littleEndian: UInt32(body.count))
    return bytes + body
  }

  /// Reads a document; throws where it breaks a rule.
  init(parsing bytes: [UInt8]) throws(StorageError) {
    let document = try CanonicalJSON.parse(bytes)
    guard document.members?.count == 3, let packs = document["packs"]?.elements,
      let prerequisites = document["prerequisites"]?.elements,
      let members = document["refs"]?.members
    else { throw .notCanonical }
    var byteCounts: [Int] = []
    for pack in packs {
      guard let byteCount = pack.integer, (1...PackFormat.maximumByteCount).contains(byteCount)
      else { throw .notCanonical }
      byteCounts.append(byteCount)
    }
    self.packs = byteCounts
    var ids: [ObjectID] = []
    for prerequisite in prerequisites {
      guard let id = ObjectID(prerequisite.string ?? ""), ids.last.map({ $0 < id }) ?? true else {
        throw .notCanonical
      }
      ids.append(id)
    }
    self.prerequisites = ids
    var refs: [RefName: ObjectID] = [:]
    for member in members {
      guard let id = ObjectID(member.value.string ?? "") else { throw .notCanonical }
      refs[try RefName(member.key)] = id
    }
    self.refs = refs
  }
}
