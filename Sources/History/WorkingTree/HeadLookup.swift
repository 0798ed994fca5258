internal import Storage

extension Repository {
  /// What is staged at a path; nil where nothing is.
  public func stagedSnapshot(at path: TrackedPath) throws(HistoryError) -> Snapshot? {
    guard let id = try trees.snapshot(at: path, in: try stagedTree(try head())) else { return nil }
    return try read(Snapshot.self, id)
  }

  /// Where the head was before it went to where it is: another branch, or a commit without one. Throws
  /// where there was none, or where the branch is gone.
  public func previousPlace() throws(HistoryError) -> Destination {
    let here = try head().branch
    do throws(StorageError) {
      for operation in try store.log.operations(moving: .head) {
        for update in operation.updates where update.name == .head {
          switch (update.old, update.new) {
          case (.symbolic(let name), _) where name != here:
            guard try store.log.value(of: name) != nil else { continue }
            return .branch(name)
          case (.object(let id), .symbolic): return .detached(id)
          default: continue
          }
        }
      }
    } catch { throw .storage(error) }
    throw .noSuchRef("place before this one", nearMisses: [])
  }
}
