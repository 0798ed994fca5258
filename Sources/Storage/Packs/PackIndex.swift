internal import Digests
internal import Files

/// Where everything is, over many packs; see FORMAT.md, section 6. Derived, and never trusted: each
/// part is checked when it is read, and what it leads to is checked again.
struct PackIndex: Sendable {
  static let mark = Array("ADMX".utf8)
  static let stride = PackFormat.entryByteCount + 4
  private static let blockHeadByteCount = 8 + 4 + Digest.byteCount

  /// The packs it covers.
  let packs: [Digest]
  private let blocks: [(offset: Int, count: Int, digest: Digest)]
  /// How many entries its head says it has.
  var entryCount: Int { blocks.reduce(0) { $0 + $1.count } }
  private let reader: any StoreFileReading
  private let tables = TableCache()

  /// The file's bytes over the entries of these packs; of a key in several packs, the copy
  /// with the fewest parents behind it.
  static func bytes(
    of packs: [(name: Digest, footer: PackFooter)]
  ) throws(StorageError) -> [UInt8] {
    var blocks = [[(entry: PackEntry, pack: Int)]](repeating: [], count: 256)
    for (number, pack) in packs.enumerated() {
      for entry in try pack.footer.entries() {
        blocks[Int(entry.key.digest.bytes[0])].append((entry, number))
      }
    }
    var head = mark
    head.append(littleEndian: UInt32(1))
    head.append(littleEndian: UInt32(packs.count))
    for pack in packs { head += pack.name.bytes }
    var offset = head.count + 256 * blockHeadByteCount + Digest.byteCount
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
    guard let reader = try? files.open(path),
      let start = try? reader.bytes(at: 0, count: 12), start.starts(with: Self.mark + [1, 0, 0, 0])
    else { return nil }
    let packCount = start[8..<12].reversed().reduce(0) { $0 << 8 | Int($1) }
    let headCount = 12 + packCount * Digest.byteCount + 256 * Self.blockHeadByteCount
    guard let head = try? reader.bytes(at: 0, count: headCount + Digest.byteCount),
      BLAKE3.digest(of: head.span.extracting(0..<headCount)).bytes[...] == head[headCount...],
      let parsed = try? Self.parse(head, packCount: packCount)
    else { return nil }
    packs = parsed.packs
    blocks = parsed.blocks
    self.reader = reader
  }

  private static func parse(_ head: [UInt8], packCount: Int) throws(StorageError) -> (
    packs: [Digest], blocks: [(offset: Int, count: Int, digest: Digest)]
  ) {
    var bytes = ByteReader(head, in: 12..<head.count)
    func digest() throws(StorageError) -> Digest {
      guard let digest = Digest(bytes: Array(try bytes.next(Digest.byteCount))) else {
        throw .malformedEncoding(rule: "no digest")
      }
      return digest
    }
    var packs: [Digest] = []
    for _ in 0..<packCount { packs.append(try digest()) }
    var blocks: [(offset: Int, count: Int, digest: Digest)] = []
    for _ in 0..<256 {
      let offset = Int(clamping: try bytes.uint64())
      blocks.append((offset, Int(try bytes.uint32()), try digest()))
    }
    return (packs, blocks)
  }

  /// Which pack has a key, and where; nil where none of them has it.
  ///
  /// Throws where the block is damaged: the caller then does without the index.
  func find(_ key: StoredKey) throws(StorageError) -> (pack: Digest, entry: PackEntry)? {
    let table = try block(Int(key.digest.bytes[0]))
    guard let index = table.index(of: key) else { return nil }
    let (entry, rest) = try table.entry(index)
    let pack = rest.reversed().reduce(0) { $0 << 8 | Int($1) }
    guard pack < packs.count else { throw .malformedEncoding(rule: "a pack that is not listed") }
    return (packs[pack], entry)
  }

  /// The entries with one first byte.
  func block(_ number: Int) throws(StorageError) -> EntryTable {
    try tables.table(number) { () throws(StorageError) in
      let block = blocks[number]
      let bytes: [UInt8]
      do throws(FileError) {
        bytes = try reader.bytes(at: block.offset, count: block.count * Self.stride)
      } catch { throw .file(error) }
      guard BLAKE3.digest(of: bytes) == block.digest else {
        throw .malformedEncoding(rule: "a block with another digest")
      }
      return EntryTable(bytes: bytes, stride: Self.stride)
    }
  }
}

extension PackIndex {
  /// Whether every block is what its digest says, and ordered.
  var isWhole: Bool {
    (0..<256).allSatisfy { number in
      guard let table = try? block(number) else { return false }
      return table.isSorted
    }
  }
}
