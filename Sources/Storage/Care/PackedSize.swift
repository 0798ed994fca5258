internal import Digests

/// What the packs of a store take on the disk.
public struct PackedSize: Hashable, Sendable {
  /// The packs.
  public var packCount = 0
  /// Their bytes.
  public var byteCount = 0
  /// The part of those bytes that is heads and footers and belongs to no record.
  public var frameByteCount = 0
  /// The bytes of packs that gc will delete.
  public var condemnedByteCount = 0
  /// The packs that `repack` would join.
  public var joinableCount = 0

  /// No packs.
  public init() {}
}

extension ObjectStore {
  /// What the packs take on the disk, as they are listed now.
  public func packedSize() throws(StorageError) -> PackedSize {
    try packs.refreshIfChanged()
    let condemned = try condemnedPacks()
    var size = PackedSize()
    for name in packs.names {
      let byteCount = try packs.pack(name).byteCount
      size.packCount += 1
      size.byteCount += byteCount
      size.frameByteCount += PackFormat.frameByteCount
      if condemned.contains(name) {
        size.condemnedByteCount += byteCount
      } else if byteCount <= Self.repackedByteCount {
        size.joinableCount += 1
      }
    }
    // One alone has nothing to be joined with.
    if size.joinableCount == 1 { size.joinableCount = 0 }
    return size
  }
}
