public import Storage

extension Repository {
  /// Takes an operation back: its refs go where they were, by a new operation, so that this can be
  /// undone too. Files of the working tree are not touched.
  ///
  /// `number` is the operation's; nil is the last one. Throws `cannotUndo` where a ref has moved since,
  /// or where the operation moved none.
  public func undo(_ number: Int?, act: Act) throws(HistoryError) -> Operation {
    let operation: Operation
    do throws(StorageError) {
      var wanted = number ?? 0
      if number == nil { wanted = try lastWithUpdates() }
      operation = try store.log.operation(wanted)
    } catch {
      guard case .missingOperation(let number) = error else { throw .storage(error) }
      throw .cannotUndo(number, rule: "does not exist")
    }
    guard !operation.updates.isEmpty else {
      throw .cannotUndo(operation.sequence, rule: "moved no refs")
    }
    let takesHead = operation.updates.contains { $0.name == .head && $0.old == nil }
    guard !takesHead else {
      throw .cannotUndo(operation.sequence, rule: "made the repository")
    }
    let note = operation.note
    let what = note.message.isEmpty ? note.command : note.message
    try change(act.summarised("undo \(operation.sequence): \(what)")) { _ throws(HistoryError) in
      let refs = try refs()
      if let moved = operation.updates.first(where: { refs[$0.name] != $0.new }) {
        throw .cannotUndo(
          operation.sequence, rule: "is not the last one that moved \(moved.name.short)")
      }
      return operation.inverse
    }
    return operation
  }

  /// The last operation that moved a ref: others, such as a repack, have nothing to take back.
  private func lastWithUpdates() throws(StorageError) -> Int {
    var sequence = try store.log.lastSequence()
    let first = try store.log.firstSequence()
    while sequence > first, try store.log.operation(sequence).updates.isEmpty { sequence -= 1 }
    return sequence
  }

  /// Moves a ref by name, or takes it away: plumbing. `expected` is where it must be; nil asks nothing.
  ///
  /// Throws where a branch would name something else than a commit. Where it was is given back.
  @discardableResult
  public func updateRef(
    _ name: RefName, to new: ObjectID?, expecting expected: ObjectID??, act: Act
  ) throws(HistoryError) -> RefValue? {
    var before: RefValue?
    if let new {
      let object: StoredObject
      do { object = try store.object(new) } catch { throw .storage(error) }
      let needed = Self.kinds(of: name)
      guard needed.isEmpty || needed.contains(object.kind) else {
        throw .unexpectedKind(new, expected: needed[0].text, actual: object.kind.text)
      }
    }
    try change(act) { _ throws(HistoryError) in
      let old = try refValue(name)
      if let expected, old != expected.map({ .object($0) }) {
        throw .storage(
          .refMoved(name, expected: expected.map { .object($0) }, actual: old))
      }
      before = old
      let value = new.map { RefValue.object($0) }
      return old == value ? [] : [RefUpdate(name, from: old, to: value)]
    }
    return before
  }

  /// The kinds of objects that a ref may name; none where any will do.
  static func kinds(of name: RefName) -> [ObjectKind] {
    let prefixes = RefName.prefixes
    if name == .head || name.text.hasPrefix(prefixes.branches) { return [.commit] }
    if name.text.hasPrefix(prefixes.tags) { return [.commit, .tag] }
    if name.text.hasPrefix(prefixes.bases) { return [.base] }
    if name.text.hasPrefix(prefixes.merges) { return [.merge] }
    return name == .index ? [.tree] : []
  }

  /// Makes the head a branch's, without touching files: plumbing.
  public func pointHead(at branch: RefName, act: Act) throws(HistoryError) {
    try change(act) { _ throws(HistoryError) in
      let old = try refValue(.head)
      return old == .symbolic(branch)
        ? [] : [RefUpdate(.head, from: old, to: .symbolic(branch))]
    }
  }

  /// The operations of the log, the newest first.
  public func operations(limit: Int) throws(HistoryError) -> [Operation] {
    do { return try store.log.operations(limit: limit) } catch { throw .storage(error) }
  }

  /// One operation; throws where there is none of the number.
  public func operation(_ number: Int) throws(HistoryError) -> Operation {
    do { return try store.log.operation(number) } catch { throw .storage(error) }
  }
}
