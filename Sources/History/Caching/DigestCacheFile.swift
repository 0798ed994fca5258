internal import Digests
internal import Files
internal import Tensors

/// The bytes of a digest cache: a head, entries of one size in the order of their keys, the ids of
/// tensors, and a BLAKE3 of all that. It is searched as it lies, so that opening it costs one digest.
///
///     8 bytes   "adctl-d1"
///     u64le     number of entries
///     u64le     the age of the next entries
///     entries   u64le device, inode, byte count, modified, changed (their keys), u64le age,
///               u32le what is known, u32le number of tensors, u64le first of them,
///               32 bytes BLAKE3, 32 bytes SHA-256
///     ids       32 bytes each
///     32 bytes  BLAKE3 of what comes before
struct DigestCacheFile {
  private static let magic = Array("adctl-d1".utf8)
  private static let headByteCount = 24
  private static let entryByteCount = 128
  private static let known: (digest: UInt64, sha256: UInt64, tensors: UInt64) = (1, 2, 4)

  /// All bytes.
  let sealed: [UInt8]
  /// How many files something is known of.
  let entryCount: Int

  /// No entries.
  init() { self.init([], age: 0) }

  /// Takes the bytes of a file; nil where they are not whole.
  init?(_ bytes: [UInt8]) {
    let body = bytes.count - Digest.byteCount
    guard body >= Self.headByteCount, bytes.starts(with: Self.magic),
      BLAKE3.digest(of: bytes.span.extracting(first: body)).bytes
        == Array(bytes.suffix(Digest.byteCount))
    else { return nil }
    let count = Self.number(bytes, at: 8)
    guard count <= UInt64((body - Self.headByteCount) / Self.entryByteCount) else { return nil }
    sealed = bytes
    entryCount = Int(count)
  }

  /// Lays out entries that are sorted by their keys.
  private init(_ entries: [Entry], age: UInt64) {
    var bytes = CanonicalBytes()
    bytes.append(String(decoding: Self.magic, as: UTF8.self))
    bytes.append(UInt64(entries.count))
    bytes.append(age)
    let none = [UInt8](repeating: 0, count: Digest.byteCount)
    var first = 0
    var ids: [UInt8] = []
    for entry in entries {
      for number in entry.key { bytes.append(number) }
      bytes.append(entry.age)
      let digests = entry.digests
      bytes.append(
        UInt32(
          (digests.digest == nil ? 0 : Self.known.digest)
            | (digests.sha256 == nil ? 0 : Self.known.sha256)
            | (digests.tensors == nil ? 0 : Self.known.tensors)))
      bytes.append(UInt32(digests.tensors?.count ?? 0))
      bytes.append(UInt64(first))
      for byte in (digests.digest?.bytes ?? none) + (digests.sha256?.bytes ?? none) {
        bytes.append(byte)
      }
      for id in digests.tensors ?? [] { ids += id.digest.bytes }
      first += digests.tensors?.count ?? 0
    }
    let body = bytes.bytes + ids
    sealed = body + BLAKE3.digest(of: body).bytes
    entryCount = entries.count
  }

  /// What is known of the file with a stamp.
  subscript(stamp: FileStamp) -> FileDigests? {
    let key = Self.key(stamp)
    var range = 0..<entryCount
    while !range.isEmpty {
      let middle = range.lowerBound + range.count / 2
      let found = self.key(middle)
      if found == key { return digests(middle) }
      if found.lexicographicallyPrecedes(key) {
        range = middle + 1..<range.upperBound
      } else {
        range = range.lowerBound..<middle
      }
    }
    return nil
  }

  /// All that is known.
  var entries: [FileStamp: FileDigests] {
    var entries: [FileStamp: FileDigests] = [:]
    for index in 0..<entryCount { entries[Self.stamp(key(index))] = digests(index) }
    return entries
  }

  /// The cache with more entries. What is known of a file under an earlier stamp goes; over the
  /// limit, the oldest entries go.
  func adding(_ added: [FileStamp: FileDigests], limit: Int) -> DigestCacheFile {
    let age = Self.number(sealed, at: 16) &+ 1
    var entries = added.map { Entry(key: Self.key($0.key), age: age, digests: $0.value) }
    let places = Set(added.keys.map { Place(device: $0.device, inode: $0.inode) })
    for index in 0..<entryCount {
      let key = key(index)
      guard !places.contains(Place(device: key[0], inode: key[1])), let digests = digests(index)
      else { continue }
      let age = Self.number(sealed, at: place(index) + 40)
      entries.append(Entry(key: key, age: age, digests: digests))
    }
    // The newest first, and of one age in the order of their keys, so that the bytes are the same.
    entries.sort { $0.age == $1.age ? $0.precedes($1) : $0.age > $1.age }
    var room = limit - Self.headByteCount - Digest.byteCount
    var kept: [Entry] = []
    for entry in entries {
      room -= Self.entryByteCount + Digest.byteCount * (entry.digests.tensors?.count ?? 0)
      guard room >= 0 else { break }
      kept.append(entry)
    }
    return DigestCacheFile(kept.sorted { $0.precedes($1) }, age: age)
  }

  private struct Place: Hashable {
    let device: UInt64
    let inode: UInt64
  }

  private struct Entry {
    let key: [UInt64]
    let age: UInt64
    let digests: FileDigests

    func precedes(_ other: Entry) -> Bool { key.lexicographicallyPrecedes(other.key) }
  }

  private static func key(_ stamp: FileStamp) -> [UInt64] {
    [
      stamp.device, stamp.inode, UInt64(bitPattern: Int64(stamp.byteCount)),
      UInt64(bitPattern: Int64(stamp.modified)), UInt64(bitPattern: Int64(stamp.changed)),
    ]
  }

  private static func stamp(_ key: [UInt64]) -> FileStamp {
    func signed(_ number: UInt64) -> Int { Int(truncatingIfNeeded: number) }
    return FileStamp(
      device: key[0], inode: key[1], byteCount: signed(key[2]), modified: signed(key[3]),
      changed: signed(key[4]))
  }

  private func place(_ index: Int) -> Int { Self.headByteCount + index * Self.entryByteCount }

  private func key(_ index: Int) -> [UInt64] {
    (0..<5).map { Self.number(sealed, at: place(index) + 8 * $0) }
  }

  private func digests(_ index: Int) -> FileDigests? {
    let place = place(index)
    let (flags, count) = (
      Self.number(sealed, at: place + 48) & 0xFFFF_FFFF, Self.number(sealed, at: place + 48) >> 32
    )
    func bytes(_ start: Int) -> [UInt8] { Array(sealed[start..<start + Digest.byteCount]) }
    var digests = FileDigests()
    if flags & Self.known.digest != 0 { digests.digest = Digest(bytes: bytes(place + 64)) }
    if flags & Self.known.sha256 != 0 { digests.sha256 = SHA256Digest(bytes: bytes(place + 96)) }
    guard flags & Self.known.tensors != 0 else { return digests }
    let ids = self.place(entryCount)
    let room = UInt64((sealed.count - Digest.byteCount - ids) / Digest.byteCount)
    let first = Self.number(sealed, at: place + 56)
    guard first <= room, count <= room - first else { return nil }
    digests.tensors = (Int(first)..<Int(first + count)).compactMap {
      Digest(bytes: bytes(ids + $0 * Digest.byteCount)).map { TensorID($0) }
    }
    return digests
  }

  private static func number(_ bytes: [UInt8], at start: Int) -> UInt64 {
    (0..<8).reduce(UInt64(0)) { $0 | UInt64(bytes[start + $1]) << (8 * UInt64($1)) }
  }
}
