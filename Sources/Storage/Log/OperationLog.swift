internal import Digests
internal import Files
internal import JSON
internal import Synchronization

/// The append-only log of all operations. It holds the refs, and is the reflog and what undo reads.
public final class OperationLog: Sendable {
  static let checkpointInterval = 64
  static let checkpointByteLimit = 64 << 20

  let files: any StoreFiles
  let paths: StorePaths
  private let known = Mutex<LogState?>(nil)

  init(files: any StoreFiles, paths: StorePaths) {
    self.files = files
    self.paths = paths
  }

  /// The number of the last operation, 0 before the first.
  public func lastSequence() throws(StorageError) -> Int { try current().sequence }

  /// Whether nothing was ever done, or nothing is left of what was.
  public var isEmpty: Bool {
    get throws(StorageError) { try keptRange() == nil }
  }

  /// All refs, as of now.
  public func refs() throws(StorageError) -> [RefName: RefValue] { try current().refs }

  /// Where a ref points, nil where there is none of the name.
  public func value(of name: RefName) throws(StorageError) -> RefValue? {
    try current().refs[name]
  }

  /// The object that a ref names, symbolic refs followed; nil where that leads nowhere.
  public func object(of name: RefName) throws(StorageError) -> ObjectID? {
    let refs = try current().refs
    var name = name
    for _ in 0..<8 {
      switch refs[name] {
      case .object(let id): return id
      case .symbolic(let other): name = other
      case nil: return nil
      }
    }
    return nil
  }

  /// The operation of this number.
  public func operation(_ sequence: Int) throws(StorageError) -> Operation {
    try sealed(sequence).operation
  }

  /// The operations that moved a ref, or all of them: the newest first, at most `limit`.
  public func operations(
    moving name: RefName? = nil,
    limit: Int = Int.max
  ) throws(StorageError) -> [Operation] {
    var found: [Operation] = []
    var sequence = try current().sequence
    while found.count < limit, let operation = try former(sequence) {
      if name == nil || operation.updates.contains(where: { $0.name == name }) {
        found.append(operation)
      }
      sequence -= 1
    }
    return found
  }

  /// The newest operations, as long as `isWanted` says so.
  func operations(while isWanted: (Operation) -> Bool) throws(StorageError) -> [Operation] {
    var found: [Operation] = []
    var sequence = try current().sequence
    while let operation = try former(sequence), isWanted(operation) {
      found.append(operation)
      sequence -= 1
    }
    return found
  }

  /// The operation of this number; nil before the first, and where it was let go.
  private func former(_ sequence: Int) throws(StorageError) -> Operation? {
    guard sequence > 0 else { return nil }
    do {
      return try operation(sequence)
    } catch {
      // What is before the start may be gone, or damaged, which is why the log starts there.
      guard error.isDamage || error == .missingOperation(sequence), try sequence < baseSequence()
      else { throw error }
      return nil
    }
  }

  /// Reads everything again next time.
  func forget() { known.withLock { $0 = nil } }

  /// The state after the last operation, which is read as far as it is not known yet.
  func current() throws(StorageError) -> LogState {
    if var state = known.withLock({ $0 }) {
      while let next = try sealedIfThere(state.sequence + 1) {
        try apply(next, to: &state)
      }
      known.withLock { $0 = state }
      return state
    }
    let state = try load()
    known.withLock { $0 = state }
    return state
  }

  /// The state read from the newest checkpoint that holds, or from the start.
  func load(usingCheckpoints: Bool = true) throws(StorageError) -> LogState {
    let base = try baseSequence()
    do throws(StorageError) {
      return try replay(from: base, usingCheckpoints: usingCheckpoints)
    } catch {
      // Operations may have been let go since the look at the base.
      let next = try baseSequence()
      guard next > base else { throw error }
      return try replay(from: next, usingCheckpoints: usingCheckpoints)
    }
  }

  private func replay(from base: Int, usingCheckpoints: Bool) throws(StorageError) -> LogState {
    let names = try fileNames()
    let last = Self.lastOperation(among: names) ?? 0
    var state: LogState?
    if usingCheckpoints {
      for name in names.reversed() {
        guard let number = StorePaths.sequence(name, suffix: StorePaths.checkpointSuffix),
          number <= last, number > base, let checkpoint = checkpoint(number)
        else { continue }
        state = checkpoint
        break
      }
    }
    var replayed: LogState
    if let state { replayed = state } else { replayed = try start(base) }
    while replayed.sequence < last { try advance(&replayed) }
    return replayed
  }

  /// Applies the operation that follows.
  func advance(_ state: inout LogState) throws(StorageError) {
    try apply(try sealed(state.sequence + 1), to: &state)
  }

  /// A checkpoint that is whole and belongs to its operation.
  func checkpoint(_ sequence: Int) -> LogState? {
    guard
      let sealed = try? SealedDocument(
        reading: paths.checkpoint(sequence),
        files: files,
        limit: Self.checkpointByteLimit
      ),
      let state = try? LogState(checkpoint: sealed.document), state.sequence == sequence,
      (try? digest(of: sequence)) == state.digest
    else { return nil }
    return state
  }

  /// The digest of an operation, which is sound for itself.
  func digest(of sequence: Int) throws(StorageError) -> Digest { try sealed(sequence).digest }

  private func apply(
    _ next: (operation: Operation, digest: Digest),
    to state: inout LogState
  ) throws(StorageError) {
    do {
      try state.apply(next.operation, digest: next.digest)
    } catch {
      guard case .invalidOperation(let rule) = error else { throw error }
      throw .malformedFile(paths.operation(state.sequence + 1), rule: rule)
    }
  }

  private func sealedIfThere(
    _ sequence: Int
  ) throws(StorageError) -> (operation: Operation, digest: Digest)? {
    do {
      return try sealed(sequence)
    } catch {
      guard case .missingOperation = error else { throw error }
      return nil
    }
  }

  private func sealed(
    _ sequence: Int
  ) throws(StorageError) -> (operation: Operation, digest: Digest) {
    let path = paths.operation(sequence)
    do throws(StorageError) {
      let sealed = try SealedDocument(reading: path, files: files)
      let operation = try Operation(sealed.document)
      guard operation.sequence == sequence else {
        throw StorageError.malformedFile(path, rule: "an operation of another number")
      }
      return (operation, sealed.digest)
    } catch {
      switch error {
      case .file(.notFound): throw .missingOperation(sequence)
      case .notCanonical, .invalidRefName:
        throw .malformedFile(path, rule: "no operation")
      default: throw error
      }
    }
  }
}
