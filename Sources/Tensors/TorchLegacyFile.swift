internal import Files

/// A `torch.save` file from before PyTorch 1.6: five pickles, then the storages in the order of the
/// fifth.
struct TorchLegacyFile {
  /// What the fourth pickle built.
  let value: PickleValue
  let heap: PickleHeap
  /// The length of the five pickles.
  let pickleByteCount: Int
  private let offsets: [String: Int]

  init(_ reader: FileReader, valueLimit: Int) throws {
    var pickles = PickleReader(reader, at: 0)
    func next() throws(PickleError) -> (value: PickleValue, heap: PickleHeap) {
      var machine = PickleMachine(valueLimit: valueLimit)
      return (try machine.run(&pickles), machine.heap)
    }
    guard case .wideInteger(isLegacyMagic: true) = try next().value else {
      throw TensorError.notATensorFile(
        reader.path,
        what: "a Python pickle that torch.save has not written"
      )
    }
    guard case .int(1001) = try next().value else {
      throw PickleError.broken("has an unknown version of the legacy format")
    }
    let system = try next()
    let isLittleEndian = system.heap.entries(of: system.value)?.contains { key, value in
      guard case .bool(true) = value else { return false }
      return key == .string("little_endian")
    }
    guard isLittleEndian == true else {
      throw PickleError.broken("has storages in another byte order than little-endian")
    }
    (value, heap) = try next()
    let keys = try next()
    guard case .list(let list) = keys.value else {
      throw PickleError.broken("has no list of its storages")
    }
    pickleByteCount = pickles.offset
    offsets = try Self.offsets(
      of: keys.heap.lists[list].map { keys.heap.string($0) },
      storages: heap.storages,
      in: reader,
      from: pickles.offset
    )
  }

  /// Where the bytes of a storage start.
  func byteOffset(of storage: TorchStorage) throws -> Int {
    guard let offset = offsets[storage.key] else {
      throw PickleError.broken("has no bytes for the storage \(excerpt(storage.key))")
    }
    return offset
  }

  /// Walks over the storages: each is its element count and its bytes; the last ends the file.
  private static func offsets(
    of keys: [String?],
    storages: [TorchStorage],
    in reader: FileReader,
    from start: Int
  ) throws -> [String: Int] {
    var named: [String: TorchStorage] = [:]
    for storage in storages {
      let known = named.updateValue(storage, forKey: storage.key) ?? storage
      guard known.dtype == storage.dtype, known.byteCount == storage.byteCount else {
        throw PickleError.broken("has the storage \(excerpt(storage.key)) in two sizes or types")
      }
    }
    var offsets: [String: Int] = [:]
    var offset = start
    for key in keys {
      guard let key, let storage = named[key], offsets[key] == nil else {
        throw PickleError.broken("lists a storage twice, or one that no tensor uses")
      }
      let count: [UInt8]
      do { count = try reader.bytes(at: offset, count: 8) } catch { throw TensorError.file(error) }
      let elementCount = count.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      offset += 8
      let width = (storage.dtype?.bitWidth ?? 8) / 8
      guard elementCount == UInt64(storage.byteCount / width),
        storage.byteCount <= reader.byteCount - offset
      else {
        throw PickleError.broken(
          "is cut off, or has a storage of another size than its pickle says"
        )
      }
      offsets[key] = offset
      offset += storage.byteCount
    }
    guard offset == reader.byteCount else {
      throw PickleError.broken("has \(reader.byteCount - offset) bytes behind its last storage")
    }
    return offsets
  }
}
