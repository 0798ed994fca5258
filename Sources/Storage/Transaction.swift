internal import Digests
internal import Files

/// What one command adds to a store: objects and chunks, then all its ref moves in one step.
///
/// Until `commit` returns, nothing is there for anybody else; a transaction that is given up leaves
/// a pack that nothing refers to, or nothing. It is for one thread.
public final class Transaction {
  /// How long a transaction may take; gc waits longer before it deletes.
  public static let deadlineSeconds = 24 * 60 * 60

  let store: ObjectStore
  /// When it began, as its caller says.
  public let started: Timestamp
  let condemned: Set<Digest>
  // Held as long as the transaction lives: gc does not delete while anybody writes.
  private let lock: any Sendable
  private var writer: PackWriter?
  private var published: [Digest] = []
  let added = AddedKeys()
  private let coder = PlaneCoder()

  init(_ store: ObjectStore, at time: Timestamp) throws(StorageError) {
    self.store = store
    started = time
    do throws(FileError) {
      guard let lock = try store.files.lock(store.paths.gcLock, exclusive: false) else {
        throw .failed(store.paths.gcLock, operation: "lock", errno: 11)
      }
      self.lock = lock
    } catch {
      if case .failed(_, "lock", 11) = error { throw .locked }
      throw .file(error)
    }
    condemned = try store.condemnedPacks()
    // From here on gc takes nothing away, but what it took before must not be leant on.
    try store.packs.refreshIfChanged()
  }

  /// Adds an object; its id, whether it was stored already or not.
  public func put(_ object: StoredObject) throws(StorageError) -> ObjectID {
    guard object.payload.count <= StoredObject.maximumByteCount else {
      throw .tooLarge(byteCount: object.payload.count, limit: StoredObject.maximumByteCount)
    }
    let id = object.id
    guard try isNew(.object(id)) else { return id }
    let frame = coder.frame(of: object.payload, level: 9)
    let isSmaller = frame.count < object.payload.count
    if isSmaller {
      guard try coder.frame(frame[...], byteCount: object.payload.count) == object.payload else {
        throw .encodingNotVerified(id.digest)
      }
    }
    let record = PackRecord(
      object,
      id: id,
      encoding: isSmaller ? .zstd : .raw,
      body: isSmaller ? frame : object.payload
    )
    try append(FinishedRecord(record, depth: 0))
    return id
  }

  /// Whether anything was added that the store does not have.
  public var hasContent: Bool { !added.isEmpty }

  /// Publishes what was added and moves refs, all in one step: the operation that did it.
  ///
  /// Throws `refMoved` where a ref is not where its update expects it. Every new value must be an
  /// object that is stored. The transaction is over, whatever happens.
  public func commit(
    _ updates: [RefUpdate],
    note: OperationNote = OperationNote(),
    at time: Timestamp
  ) throws(StorageError) -> Operation {
    let seconds = time.seconds - started.seconds
    guard seconds <= Self.deadlineSeconds else { throw .transactionTooOld(seconds: seconds) }
    for update in updates {
      guard case .object(let id) = update.new else { continue }
      let key = StoredKey.object(id)
      if !added.contains(key), try store.find(key) == nil { throw .missingObject(id) }
    }
    // Before anything is written: most conflicts are seen here.
    try store.log.current().check(updates)
    try finishPack()
    let operation = try store.log.append(updates, packs: published, note: note, at: time)
    store.packs.updateIndex()
    return operation
  }

  /// Whether a key is neither stored for good, and sound, nor in this transaction.
  func isNew(_ key: StoredKey) throws(StorageError) -> Bool {
    try added.presence(of: key, in: store, excluding: condemned) != .sound
  }

  /// Adds a record, of this store or as it is stored elsewhere.
  func append(_ record: FinishedRecord) throws(StorageError) {
    if let full = writer, full.isFull { try finishPack() }
    if writer == nil { writer = try PackWriter(files: store.files, paths: store.paths) }
    try writer?.append(record)
    added.insert(record.key)
  }

  private func finishPack() throws(StorageError) {
    guard let full = writer else { return }
    writer = nil
    let name = try full.publish()
    published.append(name)
    try store.packs.insert(name)
  }
}
