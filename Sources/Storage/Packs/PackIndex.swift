internal import Digests
internal import Files

/// Where everything is, over many packs; see FORMAT.md, section 6. Derived, and never trusted: each
/// part is checked when it is read, and what it leads to is checked again.
struct PackIndex: Sendable {
  private static let mark = Array("ADMX".utf8) + [2, 0, 0, 0]
  static let stride = PackFormat.entryByteCount + 4
  private static let blockHeadByteCount = 8 + 4 + Digest.byteCount
  /// A block of more entries than this is halved, as long as two bytes tell its halves apart.
  private static let blockEntryCount = 512

  /// The packs it covers.
  let packs: [Digest]
  /// How many entries its head says it has.
  let entryCount: Int
  /// How many bits of an id say which block it is in: 8 to 16.
  private let bitCount: Int
  /// For each block its offset, count and digest, as they lie in the file.
  private let heads: [UInt8]
  private let reader: any StoreFileReading
  private let tables = TableCache()

  /// The file's bytes over the entries of these packs; of a key in several packs, the copy
  /// with the fewest parents behind it.
  static func bytes(
    of packs: [(name: Digest, footer: PackFooter)]
  ) throws(StorageError) -> [UInt8] {
    let total = packs.reduce(0) { $0 + $1.footer.table.count }
    var bitCount = 8
    while bitCount < 16, total > blockEntryCount << bitCount { bitCount += 1 }
    var blocks = [[(entry: PackEntry, pack: Int)]](repeating: [], count: 1 << bitCount)
    for (number, pack) in packs.enumerated() {
      for entry in try pack.footer.entries() {
        blocks[block(of: entry.key.digest.bytes, bitCount)].append((entry, number))
      }
    }
    var head = mark
    head.append(littleEndian: UInt32(packs.count))
    head.append(littleEndian: UInt32(bitCount))
    for pack in packs { head += pack.name.bytes }
    var offset = head.count + blocks.count * blockHeadByteCount + Digest.byteCount
    var body: [UInt8] = []
    for block in blocks {
      var table: [UInt8] = []
      var last: StoredKey?
      for (entry, pack) in block.sorted(by: {
        ($0.entry.key, $0.entry.depth, $0.pack) < ($1.entry.key, $1.entry.depth, $1.pack)
      })
      where entry.key != last {
        last = entry.key
        table += entry.bytes
        table.append(littleEndian: UInt32(pack))
      }
      head.append(littleEndian: UInt64(offset))
      head.append(littleEndian: UInt32(table.count / stride))
      head += BLAKE3.digest(of: table).bytes
      offset += table.count
      body += table
    }
    return head + BLAKE3.digest(of: head).bytes + body
  }

  /// Opens an index and checks its head; nil where it is missing or not whole.
  init?(_ path: Path, files: any StoreFiles) {
    let startCount = Self.mark.count + 8
    guard let reader = try? files.open(path),
      let start = try? reader.bytes(at: 0, count: startCount), start.starts(with: Self.mark)
    else { return nil }
    func number(_ place: Int) -> Int {
      start[place..<place + 4].reversed().reduce(0) { $0 << 8 | Int($1) }
    }
    let packCount = number(Self.mark.count)
    bitCount = number(Self.mark.count + 4)
    guard (8...16).contains(bitCount) else { return nil }
    let blocks = startCount + packCount * Digest.byteCount
    let end = blocks + Self.blockHeadByteCount << bitCount
    guard let head = try? reader.bytes(at: 0, count: end + Digest.byteCount),
      BLAKE3.digest(of: head.span.extracting(0..<end)).bytes[...] == head[end...]
    else { return nil }
    packs = (0..<packCount).compactMap {
      let place = startCount + $0 * Digest.byteCount
      return Digest(bytes: Array(head[place..<place + Digest.byteCount]))
    }
    heads = Array(head[blocks..<end])
    entryCount = (0..<1 << bitCount).reduce(0) { [heads] sum, number in
      let place = number * Self.blockHeadByteCount + 8
      return sum + heads[place..<place + 4].reversed().reduce(0) { $0 << 8 | Int($1) }
    }
    self.reader = reader
  }

  /// Which pack has a key, and where; nil where none of them has it.
  ///
  /// Throws where the block is damaged: the caller then does without the index.
  func find(_ key: StoredKey) throws(StorageError) -> (pack: Digest, entry: PackEntry)? {
    let table = try block(Self.block(of: key.digest.bytes, bitCount))
    guard let index = table.index(of: key) else { return nil }
    let (entry, rest) = try table.entry(index)
    let pack = rest.reversed().reduce(0) { $0 << 8 | Int($1) }
    guard pack < packs.count else { throw .malformedEncoding(rule: "a pack that is not listed") }
    return (packs[pack], entry)
  }

  /// The keys with one first byte that are not below `lowest`, as long as `isWanted`; a block that
  /// starts behind the last wanted key is not read.
  func keys(
    in first: Int, from lowest: [UInt8], while isWanted: (StoredKey) -> Bool
  ) throws(StorageError) -> [StoredKey] {
    var start = [UInt8(first), 0]
    if start.lexicographicallyPrecedes(lowest) { start = Array(lowest.prefix(2)) + [0] }
    var keys: [StoredKey] = []
    var isDone = false
    for number in Self.block(of: start, bitCount)..<(first + 1) << (bitCount - 8) where !isDone {
      keys += try block(number).keys(from: lowest) { key in
        if !isWanted(key) { isDone = true }
        return !isDone
      }
    }
    return keys
  }

  /// The number of the block that an id with these first bytes is in.
  private static func block(of id: [UInt8], _ bitCount: Int) -> Int {
    (Int(id[0]) << 8 | Int(id[1])) >> (16 - bitCount)
  }

  private func block(_ number: Int) throws(StorageError) -> EntryTable {
    try tables.table(number) { () throws(StorageError) in
      let place = number * Self.blockHeadByteCount
      var head = ByteReader(heads, in: place..<place + Self.blockHeadByteCount)
      let offset = Int(clamping: try head.uint64())
      let count = Int(try head.uint32())
      let bytes: [UInt8]
      do throws(FileError) {
        bytes = try reader.bytes(at: offset, count: count * Self.stride)
      } catch { throw .file(error) }
      guard BLAKE3.digest(of: bytes).bytes[...] == (try head.next(Digest.byteCount)) else {
        throw .malformedEncoding(rule: "a block with another digest")
      }
      return EntryTable(bytes: bytes, stride: Self.stride)
    }
  }
}

extension PackIndex {
  /// Whether every block is what its digest says, and ordered.
  var isWhole: Bool {
    (0..<1 << bitCount).allSatisfy { number in
      guard let table = try? block(number) else { return false }
      return table.isSorted
    }
  }
}
