/// Sorted entries of fixed size, searched as they lie in their file.
struct EntryTable: Sendable {
  let bytes: [UInt8]
  /// The bytes from one entry to the next: an entry, and what follows it.
  let stride: Int

  var count: Int { bytes.count / stride }

  /// Entry number `index`, and the bytes behind it.
  func entry(_ index: Int) throws(StorageError) -> (entry: PackEntry, rest: ArraySlice<UInt8>) {
    var reader = ByteReader(bytes, in: index * stride..<(index + 1) * stride)
    let entry = try PackEntry(&reader)
    return (entry, try reader.next(reader.left))
  }

  /// The entry of `key` among those of `range`; nil where there is none.
  func index(of key: StoredKey, in range: Range<Int>? = nil) -> Int? {
    let wanted = key.bytes
    var low = range?.lowerBound ?? 0
    var high = range?.upperBound ?? count
    while low < high {
      let middle = low + (high - low) / 2
      switch compare(middle, wanted) {
      case 0: return middle
      case ..<0: low = middle + 1
      default: high = middle
      }
    }
    return nil
  }

  /// The keys of `range` that are not below `lowest`, as long as `isWanted` says so.
  func keys(
    from lowest: [UInt8],
    in range: Range<Int>? = nil,
    while isWanted: (StoredKey) -> Bool
  ) throws(StorageError) -> [StoredKey] {
    var low = range?.lowerBound ?? 0
    let end = range?.upperBound ?? count
    var high = end
    while low < high {
      let middle = low + (high - low) / 2
      if compare(middle, lowest) < 0 { low = middle + 1 } else { high = middle }
    }
    var keys: [StoredKey] = []
    while low < end {
      let key = try entry(low).entry.key
      guard isWanted(key) else { break }
      keys.append(key)
      low += 1
    }
    return keys
  }

  /// Whether each entry's key is above the one before.
  var isSorted: Bool {
    guard count > 1 else { return true }
    return (1..<count).allSatisfy { index in
      compare(index - 1, Array(bytes[index * stride..<index * stride + 33])) < 0
    }
  }

  private func compare(_ index: Int, _ wanted: [UInt8]) -> Int {
    let start = index * stride
    for offset in 0..<wanted.count where bytes[start + offset] != wanted[offset] {
      return bytes[start + offset] < wanted[offset] ? -1 : 1
    }
    return 0
  }
}
