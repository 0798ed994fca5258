import Digests
import Files

@testable import Storage

/// A pack that is put together by hand, whose digests fit whatever it says.
struct HostilePack {
  struct Part {
    var key: StoredKey
    var bytes: [UInt8]
    var depth = 0
    /// What the list says of it, where that is a lie.
    var listedOffset: Int?
    var listedByteCount: Int?
  }

  var parts: [Part] = []
  var header = PackFormat.header
  var isSorted = true
  var fanoutLie: UInt32 = 0
  var footerOffsetLie: UInt64 = 0
  var footerByteCountLie: UInt64 = 0
  var countLie: UInt32 = 0

  /// Adds a chunk's record with a body as given.
  mutating func add(
    _ digest: Digest,
    _ encoding: EncodedChunk.Encoding,
    layout: ElementLayout = .bytes,
    byteCount: Int,
    body: [UInt8],
    parent: Digest? = nil,
    depth: Int = 0
  ) {
    let record = PackRecord(
      EncodedChunk(encoding: encoding, layout: layout, body: body),
      digest: digest,
      byteCount: byteCount,
      parent: parent
    )
    parts.append(Part(key: record.key, bytes: record.bytes, depth: depth))
  }

  /// The file.
  var bytes: [UInt8] {
    var bytes = header
    var entries: [[UInt8]] = []
    var counts = [UInt32](repeating: 0, count: 256)
    for part in isSorted ? parts.sorted(by: { $0.key < $1.key }) : parts {
      var entry = part.key.bytes + [UInt8(truncatingIfNeeded: part.depth), 0, 0]
      entry.append(littleEndian: UInt32(part.listedByteCount ?? part.bytes.count))
      entry.append(littleEndian: UInt64(part.listedOffset ?? bytes.count))
      entries.append(entry + PackFormat.check(of: part.bytes))
      counts[Int(part.key.digest.bytes[0])] += 1
      bytes += part.bytes
    }
    var footer: [UInt8] = []
    var sum = fanoutLie
    for count in counts {
      sum += count
      footer.append(littleEndian: sum)
    }
    footer += entries.joined()
    let start = bytes.count
    bytes += footer
    bytes.append(littleEndian: UInt64(start) &+ footerOffsetLie)
    bytes.append(littleEndian: UInt64(footer.count) &+ footerByteCountLie)
    bytes.append(littleEndian: UInt32(parts.count) &+ countLie)
    return bytes + PackFormat.endMark + BLAKE3.digest(of: footer).bytes
  }

  /// A store that has this pack under its right name.
  func store() throws -> ObjectStore {
    let files = MemoryFiles()
    let store = try ObjectStore.create(at: Sample.root, files: files)
    files[store.paths.pack(BLAKE3.digest(of: bytes))] = bytes
    return try ObjectStore(opening: Sample.root, files: files)
  }
}
