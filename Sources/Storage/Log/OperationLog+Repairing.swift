internal import Digests
internal import Files

extension OperationLog {
  /// An entry and the bytes of its file.
  struct Entry {
    let operation: Operation
    let digest: Digest
    let bytes: [UInt8]
  }

  /// The numbers from the start of the log to its last entry; nil where there is none.
  func keptRange() throws(StorageError) -> ClosedRange<Int>? {
    let names = try fileNames()
    guard let last = Self.lastOperation(among: names) else { return nil }
    return min(last, max(1, Self.base(among: names)))...last
  }

  /// Whether an entry is there and is what its seal says. Throws where the file system refuses: what
  /// cannot be read for the moment is not damaged.
  func isSound(_ sequence: Int) throws(StorageError) -> Bool {
    do throws(StorageError) {
      _ = try operation(sequence)
      return true
    } catch {
      if case .file = error { throw error }
      return false
    }
  }

  /// Entries that follow one another, nil unless all of them are sound.
  func chain(_ run: ClosedRange<Int>) -> [Entry]? {
    var entries: [Entry] = []
    for number in run {
      guard let sealed = try? SealedDocument(reading: paths.operation(number), files: files),
        let operation = try? Operation(sealed.document), operation.sequence == number,
        entries.last.map({ $0.digest == operation.previous }) ?? true
      else { return nil }
      entries.append(Entry(operation: operation, digest: sealed.digest, bytes: sealed.bytes))
    }
    return entries
  }

  /// The refs after an entry as its base or checkpoint has them, whole in itself: the entry may be
  /// damaged.
  func toldState(after sequence: Int) -> LogState? {
    for path in [paths.base(sequence), paths.checkpoint(sequence)] {
      guard
        let sealed = try? SealedDocument(
          reading: path, files: files, limit: Self.checkpointByteLimit),
        let state = try? LogState(checkpoint: sealed.document), state.sequence == sequence
      else { continue }
      return state
    }
    return nil
  }

  /// Whether the store has a pack of this name, damaged or not.
  func has(pack name: Digest) -> Bool { (try? files.open(paths.pack(name))) != nil }

  /// Writes an entry's bytes in place of a damaged file, which is kept first.
  func replace(
    _ sequence: Int, with bytes: [UInt8], keeping: (Path) throws(StorageError) -> Void
  ) throws(StorageError) {
    let path = paths.operation(sequence)
    if (try? files.open(path)) != nil { try keeping(path) }
    let temporary = paths.newTemporary()
    do throws(FileError) {
      let file = try files.create(temporary)
      try file.append(bytes)
      try file.sync()
      try files.rename(temporary, over: path)
      try files.syncNames(in: paths.log)
    } catch {
      try? files.remove(temporary)
      throw .file(error)
    }
  }

  /// Starts the log anew behind its last entry, with these refs. The new base is the point from which
  /// that counts: before, the next repair does the same again.
  func restart(
    with refs: [RefName: RefValue], at time: Timestamp, note: OperationNote
  ) throws(StorageError) {
    let last = try keptRange()?.upperBound ?? 0
    let operation = Operation(
      sequence: last + 1, previous: try? digest(of: last), time: time, note: note, packs: [],
      updates: [])
    let sealed = try SealedDocument(operation.document)
    var state = LogState()
    state.sequence = operation.sequence
    state.digest = sealed.digest
    state.refs = refs
    guard try publish(sealed.bytes, as: operation.sequence) else { throw .locked }
    try writeBase(state)
    forget()
  }
}
