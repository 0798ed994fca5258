/// How much an archive may hold before it is refused, so that a small file cannot fill a disk.
public struct ArchiveLimits: Hashable, Sendable {
  /// The most members, directories included.
  public var entryCount: Int
  /// The most bytes in all members together.
  public var byteCount: Int
  /// The most bytes for each byte of the archive, once there are more than `freeByteCount`.
  public var ratio: Int
  /// The bytes that any archive may hold, however small it is.
  public var freeByteCount: Int

  /// Limits that fit adapters: even one whose factors are half zeros has a ratio of a few units.
  public init(
    entryCount: Int = 10_000,
    byteCount: Int = 1 << 40,
    ratio: Int = 200,
    freeByteCount: Int = 64 << 20
  ) {
    self.entryCount = entryCount
    self.byteCount = byteCount
    self.ratio = ratio
    self.freeByteCount = freeByteCount
  }

  /// The most bytes that an archive of `archiveByteCount` bytes may hold.
  func byteLimit(forArchiveOf archiveByteCount: Int) -> Int {
    let (product, overflow) = archiveByteCount.multipliedReportingOverflow(by: ratio)
    return min(byteCount, overflow ? byteCount : max(freeByteCount, product))
  }
}
