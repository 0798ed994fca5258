internal import Files

extension OperationLog {
  /// Reads all operations from the first that is kept, and compares the checkpoints with what they say.
  func verify() -> [Finding] {
    let names: [String]
    do throws(StorageError) { names = try fileNames() } catch { return [.damagedLog(error)] }
    let last = Self.lastOperation(among: names) ?? 0
    let checkpoints = Set(
      names.compactMap { StorePaths.sequence($0, suffix: StorePaths.checkpointSuffix) }
    )
    var findings: [Finding] = checkpoints.filter { $0 > last }.sorted().map {
      .damagedCheckpoint($0)
    }
    let base = Self.base(among: names)
    do throws(StorageError) {
      var state = try start(base)
      while true {
        if checkpoints.contains(state.sequence), checkpoint(state.sequence) != state {
          findings.append(.damagedCheckpoint(state.sequence))
        }
        guard state.sequence < last else { break }
        try advance(&state)
      }
    } catch { findings.append(.damagedLog(error)) }
    return findings
  }
}
