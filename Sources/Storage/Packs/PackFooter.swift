internal import Digests

/// The list of a pack's records, sorted by what they are found by.
struct PackFooter: Sendable {
  private let fanout: [UInt32]
  let table: EntryTable

  /// The bytes of a footer over these entries.
  static func bytes(of entries: [PackEntry]) -> [UInt8] {
    let sorted = entries.sorted { $0.key < $1.key }
    var counts = [UInt32](repeating: 0, count: 256)
    for entry in sorted { counts[Int(entry.key.digest.bytes[0])] += 1 }
    var bytes: [UInt8] = []
    var sum: UInt32 = 0
    for count in counts {
      sum += count
      bytes.append(littleEndian: sum)
    }
    for entry in sorted { bytes += entry.bytes }
    return bytes
  }

  /// What follows the records of a pack, which end at `offset`: footer and trailer.
  static func tail(of entries: [PackEntry], at offset: Int) -> [UInt8] {
    let footer = bytes(of: entries)
    var tail = footer
    tail.append(littleEndian: UInt64(offset))
    tail.append(littleEndian: UInt64(footer.count))
    tail.append(littleEndian: UInt32(entries.count))
    tail += PackFormat.endMark
    return tail + BLAKE3.digest(of: footer).bytes
  }

  /// Reads a footer of `count` entries, whose digest was checked; throws where it breaks a rule.
  ///
  /// After this, records lie inside the pack, one behind the other from its header to `end`.
  init(_ bytes: [UInt8], count: Int, end: Int) throws(StorageError) {
    var reader = ByteReader(bytes)
    var fanout: [UInt32] = []
    for _ in 0..<256 { fanout.append(try reader.uint32()) }
    guard reader.left == count * PackFormat.entryByteCount, fanout[255] == count,
      zip(fanout, fanout.dropFirst()).allSatisfy({ $0 <= $1 })
    else { throw .malformedEncoding(rule: "a footer of another size") }
    table = EntryTable(
      bytes: Array(try reader.next(reader.left)),
      stride: PackFormat.entryByteCount
    )
    self.fanout = fanout
    guard table.isSorted else { throw .malformedEncoding(rule: "a footer out of order") }
    var extents: [(offset: Int, byteCount: Int)] = []
    for index in 0..<count {
      let entry = try table.entry(index).entry
      let first = Int(entry.key.digest.bytes[0])
      guard index < fanout[first], first == 0 || index >= fanout[first - 1] else {
        throw .malformedEncoding(rule: "a wrong fan-out")
      }
      extents.append((entry.offset, entry.byteCount))
    }
    var next = PackFormat.header.count
    for extent in extents.sorted(by: { $0.offset < $1.offset }) {
      guard extent.offset == next, extent.byteCount > 0, extent.byteCount <= end - next else {
        throw .malformedEncoding(rule: "records with gaps or overlaps")
      }
      next += extent.byteCount
    }
    guard next == end else { throw .malformedEncoding(rule: "records with gaps or overlaps") }
  }

  /// The entry of a key; nil where the pack does not have it.
  func entry(of key: StoredKey) throws(StorageError) -> PackEntry? {
    let range = range(of: Int(key.digest.bytes[0]))
    guard let index = table.index(of: key, in: range) else { return nil }
    return try table.entry(index).entry
  }

  /// The keys with one first byte that are not below `lowest`, as long as `isWanted` says so.
  func keys(
    in first: Int,
    from lowest: [UInt8],
    while isWanted: (StoredKey) -> Bool
  ) throws(StorageError) -> [StoredKey] {
    try table.keys(from: lowest, in: range(of: first), while: isWanted)
  }

  private func range(of first: Int) -> Range<Int> {
    (first == 0 ? 0 : Int(fanout[first - 1]))..<Int(fanout[first])
  }

  /// All entries.
  func entries() throws(StorageError) -> [PackEntry] {
    var entries: [PackEntry] = []
    for index in 0..<table.count { entries.append(try table.entry(index).entry) }
    return entries
  }
}
