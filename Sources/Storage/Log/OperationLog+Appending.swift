internal import Digests
internal import Files

extension OperationLog {
  /// Appends an operation: the commit point of a transaction.
  ///
  /// Where another writer was first, the updates are checked against what it did and the next number
  /// is tried. An update from a value to the same one demands that the ref is there and is not
  /// written down. Throws `refMoved` where a ref is not where an update expects it, and
  /// `outcomeUnknown` where the entry was written but may not be on the disk.
  func append(
    _ updates: [RefUpdate],
    packs: [Digest],
    note: OperationNote,
    at time: Timestamp
  ) throws(StorageError) -> Operation {
    let moves = updates.filter { $0.old != $0.new }
    while true {
      let state = try current()
      try state.check(updates)
      let operation = Operation(
        sequence: state.sequence + 1,
        previous: state.digest,
        time: time,
        note: note,
        packs: packs,
        updates: moves
      )
      let sealed = try SealedDocument(operation.document)
      guard sealed.bytes.count <= SealedDocument.maximumByteCount else {
        throw .invalidOperation(rule: "an operation of more than 1 MiB")
      }
      guard try publish(sealed.bytes, as: operation.sequence) else { continue }
      if operation.sequence.isMultiple(of: Self.checkpointInterval) { writeCheckpoint() }
      return operation
    }
  }

  /// Writes an entry under its number; false where another entry has it.
  func publish(_ bytes: [UInt8], as sequence: Int) throws(StorageError) -> Bool {
    do throws(FileError) {
      try files.place(bytes, as: paths.operation(sequence), by: paths.newTemporary())
    } catch {
      guard case .exists = error else { throw .file(error) }
      return false
    }
    do { try files.syncNames(in: paths.log) } catch { throw .outcomeUnknown(error) }
    return true
  }

  /// Writes the refs down, so that fewer operations are read next time. Derived: where it fails,
  /// nothing is lost.
  private func writeCheckpoint() {
    guard let state = try? current(), let sealed = try? SealedDocument(state.document) else {
      return
    }
    let temporary = paths.newTemporary()
    do throws(FileError) {
      let file = try files.create(temporary)
      try file.append(sealed.bytes)
      try files.rename(temporary, over: paths.checkpoint(state.sequence))
    } catch { try? files.remove(temporary) }
  }
}
