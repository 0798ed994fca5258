public import Digests
internal import Files

/// How gc is to go about it.
public struct GarbageCollectionOptions: Hashable, Sendable {
  /// The least that a condemned pack waits: the deadline of transactions and an hour for clocks.
  public static let leastGraceSeconds = 25 * 60 * 60

  /// How long a condemned pack waits; less than the least counts only where `isExclusive` is set.
  public var graceSeconds = 14 * 24 * 60 * 60
  /// How long operations keep alive what they moved refs from and to.
  public var expirySeconds = 90 * 24 * 60 * 60
  /// How many operations the log keeps, however old they are.
  var keptOperationCount = 1_000
  /// Whether the caller vouches that nobody else uses the store, and reads it with old ids in hand:
  /// then a pack may be deleted at once. The lock keeps writers out in any case, and lasts to the last
  /// deletion; what is given up is the second line of defence, where locks do not hold.
  public var isExclusive = false
  /// Whether only to say what would be done.
  public var isDryRun = false

  /// The usual: two weeks' grace, three months' log.
  public init() {}

  /// What nothing reaches goes at once. For stores on a local file system that nobody else uses.
  public static var pruningNow: GarbageCollectionOptions {
    var options = GarbageCollectionOptions()
    options.graceSeconds = 0
    options.isExclusive = true
    return options
  }

  /// How long a condemned pack really waits.
  var effectiveGraceSeconds: Int {
    isExclusive ? max(0, graceSeconds) : max(graceSeconds, Self.leastGraceSeconds)
  }
}

/// What gc did, or would do.
public struct GarbageCollectionReport: Hashable, Sendable {
  /// The packs there were.
  public var packCount = 0
  /// Packs without anything reachable, which wait for their deletion.
  public var condemned: [Digest] = []
  /// Packs that had waited long enough.
  public var deleted: [Digest] = []
  /// Their bytes.
  public var deletedByteCount = 0
  /// Operations that the log let go.
  public var expiredOperationCount = 0
  /// Files that dead processes left in `tmp`.
  public var temporaryCount = 0
}

extension ObjectStore {
  /// Condemns packs that nothing reaches, and deletes those condemned long enough ago.
  ///
  /// `references` reads what objects refer to. Nobody may write meanwhile: throws `locked` where
  /// somebody does. Killed at any point, it leaves a sound store.
  public func collectGarbage(
    at time: Timestamp,
    options: GarbageCollectionOptions = GarbageCollectionOptions(),
    references: ReferenceReader
  ) throws(StorageError) -> GarbageCollectionReport {
    var lock: (any Sendable)? = ()
    do { lock = try files.lock(paths.gcLock, exclusive: true) } catch {
      // A store that may only be read can be looked at.
      guard options.isDryRun, case .notPermitted = error else { throw .file(error) }
    }
    guard let lock else { throw .locked }
    // The lock lasts as long as this value.
    defer { withExtendedLifetime(lock) {} }
    try packs.refresh()
    var report = GarbageCollectionReport()
    report.packCount = packs.names.count
    let expiry = Timestamp(seconds: time.seconds - options.expirySeconds)
    let reached = try needed(since: expiry, references: references)
    let earlier = try condemnations()
    let dead = try deadPacks(reached, condemned: Set(earlier.flatMap(\.packs)))
    let grace = options.effectiveGraceSeconds
    for name in dead {
      let first = earlier.filter { $0.packs.contains(name) }.map(\.time).min()
      if first == nil, grace > 0 {
        report.condemned.append(name)
      } else if time.seconds - (first ?? time).seconds >= grace {
        report.deleted.append(name)
      }
    }
    for name in report.deleted { report.deletedByteCount += try packs.pack(name).byteCount }
    let leftovers: [String]
    do { leftovers = try files.names(in: paths.temporary) } catch { throw .file(error) }
    report.temporaryCount = leftovers.count
    let start = try log.expirable(before: expiry, keeping: options.keptOperationCount)
    report.expiredOperationCount = max(0, start - (try log.firstSequence()))
    guard !options.isDryRun else { return report }
    do throws(FileError) {
      for name in leftovers { try files.remove(paths.temporary.appending(name)) }
    } catch { throw .file(error) }
    if !report.condemned.isEmpty { try condemn(report.condemned, at: time) }
    try sweep(report.deleted, dead: Set(dead), earlier: earlier)
    try log.expire(below: start)
    return report
  }

  func condemn(_ names: [Digest], at time: Timestamp) throws(StorageError) {
    let taken: [String]
    do { taken = try files.names(in: paths.condemned) } catch { throw .file(error) }
    let last = taken.compactMap { StorePaths.sequence($0, suffix: "") }.max() ?? 0
    let condemnation = Condemnation(sequence: last + 1, packs: names, time: time)
    let bytes = try SealedDocument(condemnation.document).bytes
    do throws(FileError) {
      try files.place(
        bytes, as: paths.condemned(condemnation.sequence), by: paths.newTemporary())
      try files.syncNames(in: paths.condemned)
    } catch { throw .file(error) }
  }

  /// Deletes packs, and then the lists that name none any more that is dead and there.
  private func sweep(
    _ names: [Digest],
    dead: Set<Digest>,
    earlier: [Condemnation]
  ) throws(StorageError) {
    do throws(FileError) {
      for name in names { try files.remove(paths.pack(name)) }
      if !names.isEmpty { try files.syncNames(in: paths.packs) }
      let left = dead.subtracting(names)
      for list in earlier where left.isDisjoint(with: list.packs) {
        try files.remove(paths.condemned(list.sequence))
      }
    } catch { throw .file(error) }
    try packs.refresh()
  }
}
