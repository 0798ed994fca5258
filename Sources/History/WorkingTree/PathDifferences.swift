public import Files
public import Storage

/// One side of a difference: what a path has there.
public enum PathContent: Sendable {
  /// A stored snapshot.
  case snapshot(ObjectID, Snapshot)
  /// Files of the working tree.
  case working(Path)
}

/// A path that differs between two trees, or between a tree and the working tree.
public struct PathDifference: Sendable {
  /// What became of it, and which files differ.
  public let change: Status.Change
  /// What was there; nil for a new path.
  public let old: PathContent?
  /// What is there now; nil for one that is gone.
  public let new: PathContent?
}

extension Repository {
  /// The paths at or below `paths` (all where it is empty) that differ between two trees.
  public func differences(
    from old: ObjectID?, to new: ObjectID?, below paths: [String]
  ) throws(HistoryError) -> [PathDifference] {
    var found: [PathDifference] = []
    for change in try trees.changes(from: old, to: new)
    where paths.isEmpty || paths.contains(where: { change.path.isWithin($0) }) {
      found.append(
        PathDifference(
          change: try difference(change), old: try content(change.old),
          new: try content(change.new)))
    }
    return found
  }

  /// The paths at or below `paths` at which the working tree differs from a tree; what is not tracked
  /// does not count.
  public func workingDifferences(
    from tree: ObjectID?, below paths: [String], cache: DigestCache? = nil
  ) throws(HistoryError) -> [PathDifference] {
    var finding = Finding(self, purpose: .looking)
    let comparison = WorkingComparison(cache: cache)
    var found: [PathDifference] = []
    for (path, id) in try trees.entries(of: tree)
    where paths.isEmpty || paths.contains(where: { path.isWithin($0) }) {
      let snapshot = try read(Snapshot.self, id)
      guard let here = try finding.tracked(path, as: snapshot) else {
        found.append(
          PathDifference(
            change: .init(path: path, kind: .deleted, files: [:]), old: .snapshot(id, snapshot),
            new: nil))
        continue
      }
      let files = try comparison.difference(of: here, from: snapshot)
      guard !files.isEmpty else { continue }
      found.append(
        PathDifference(
          change: .init(path: path, kind: .modified, files: files), old: .snapshot(id, snapshot),
          new: .working(here.place)))
    }
    comparison.save()
    return found
  }

  private func content(_ id: ObjectID?) throws(HistoryError) -> PathContent? {
    guard let id else { return nil }
    return .snapshot(id, try read(Snapshot.self, id))
  }
}
