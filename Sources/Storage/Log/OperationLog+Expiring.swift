internal import Digests
internal import Files

extension OperationLog {
  /// The number of the oldest operation that is kept; 1 before any was let go.
  public func firstSequence() throws(StorageError) -> Int { max(1, try baseSequence()) }

  /// The number up to which `expire` may let operations go: at most the newest checkpoint that holds,
  /// leaving `kept`, and passing over none that is young.
  func expirable(
    before expiry: Timestamp,
    keeping kept: Int
  ) throws(StorageError) -> Int {
    let last = try current().sequence
    let base = try baseSequence()
    let first = max(1, base)
    let most = min(last - kept + 1, last / Self.checkpointInterval * Self.checkpointInterval)
    var end = first
    while end < most, try !operation(end).time.isYoung(since: expiry) { end += 1 }
    let number = end / Self.checkpointInterval * Self.checkpointInterval
    return number > first ? number : base
  }

  /// Lets all operations below `number` go; nobody may write meanwhile.
  ///
  /// The refs after that operation are written down for good first, under a name of their own: from
  /// then on the log starts there. What is below is removed after that, and by the next run where
  /// this one is killed.
  func expire(below number: Int) throws(StorageError) {
    let base = try baseSequence()
    if number > base {
      try writeBase(try state(after: number))
    }
    try removeBelowBase()
  }

  /// Makes a state the one that the log starts with.
  func writeBase(_ state: LogState) throws(StorageError) {
    let bytes = try SealedDocument(state.document).bytes
    do throws(FileError) {
      try files.place(bytes, as: paths.base(state.sequence), by: paths.newTemporary())
      try files.syncNames(in: paths.log)
    } catch { throw .file(error) }
  }

  /// Removes what an earlier start of the log has left.
  private func removeBelowBase() throws(StorageError) {
    for path in try filesBelowBase() {
      do { try files.remove(path) } catch { throw .file(error) }
    }
  }

  /// What an earlier start of the log has left.
  func filesBelowBase() throws(StorageError) -> [Path] {
    let names = try fileNames()
    let base = Self.base(among: names)
    return names.filter { StorePaths.logSequence($0).map { $0 < base } ?? false }
      .map(paths.log.appending)
  }

  /// The number of the operation that the log starts with, whose refs are kept in a base; 0 where the
  /// log starts with nothing.
  func baseSequence() throws(StorageError) -> Int {
    Self.base(among: try fileNames())
  }

  /// The names of the log's files. A store has a log from its start: none is damage.
  func fileNames() throws(StorageError) -> [String] {
    do { return try files.names(in: paths.log) } catch {
      guard case .notFound = error else { throw .file(error) }
      throw .malformedFile(paths.log, rule: "missing, and with it all refs")
    }
  }

  static func lastOperation(among names: [String]) -> Int? {
    names.compactMap { StorePaths.sequence($0, suffix: StorePaths.operationSuffix) }.max()
  }

  static func base(among names: [String]) -> Int {
    names.compactMap { StorePaths.sequence($0, suffix: StorePaths.baseSuffix) }.max() ?? 0
  }

  /// The refs that the log starts with, which must be those of its first operation.
  func start(_ base: Int) throws(StorageError) -> LogState {
    guard base > 0 else { return LogState() }
    let path = paths.base(base)
    do throws(StorageError) {
      let sealed = try SealedDocument(
        reading: path,
        files: files,
        limit: Self.checkpointByteLimit
      )
      let state = try LogState(checkpoint: sealed.document)
      let first = try digest(of: base)
      guard state.sequence == base, state.digest == first else {
        throw StorageError.malformedFile(path, rule: "refs of another operation")
      }
      return state
    } catch {
      switch error {
      case .notCanonical, .invalidRefName: throw .malformedFile(path, rule: "no refs")
      default: throw error
      }
    }
  }

  /// The state after an operation, by replay from the start.
  private func state(after number: Int) throws(StorageError) -> LogState {
    var state = try start(try baseSequence())
    while state.sequence < number { try advance(&state) }
    return state
  }
}
