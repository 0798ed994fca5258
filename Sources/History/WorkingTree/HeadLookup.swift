public import Storage

extension Repository {
  /// What is staged at a path; nil where nothing is.
  public func stagedSnapshot(at path: TrackedPath) throws(HistoryError) -> Snapshot? {
    guard let id = try trees.snapshot(at: path, in: try stagedTree(try head())) else { return nil }
    return try read(Snapshot.self, id)
  }

  /// The branch that the head was on before the one it is on; throws where there was none.
  public func previousBranch() throws(HistoryError) -> RefName {
    do throws(StorageError) {
      for operation in try store.log.operations(moving: .head) {
        for update in operation.updates where update.name == .head {
          if case .symbolic(let name)? = update.old { return name }
        }
      }
    } catch { throw .storage(error) }
    throw .noSuchRef("branch before this one", nearMisses: [])
  }
}
