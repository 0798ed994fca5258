public import Adapters
internal import Storage

/// An entry that a commit changed, with as much of the change as a log shows.
public struct CommitChange: Hashable, Sendable {
  /// What happened to an entry.
  public enum Status: String, Hashable, Sendable {
    /// It is new.
    case added = "A"
    /// It has another content.
    case modified = "M"
    /// It is gone.
    case deleted = "D"
  }

  /// How much of a snapshot changed.
  public struct Extent: Hashable, Sendable {
    /// Tensors that are new, gone or other than before.
    public let changedTensorCount: Int
    /// All tensors of before and after.
    public let tensorCount: Int
    /// The files without tensors that changed, by their paths below the snapshot's, sorted.
    public let changedFiles: [String]
    /// Whether it was attached to another base.
    public let changedBase: Bool
    /// How far each kind of its modules moved; nil where that was not asked for, or is not known.
    public let modules: [ChangedModules]?
  }

  /// The entry's path and its snapshots before and after.
  public let entry: TreeChange
  /// How much of it changed; nil where it is new or gone.
  public let extent: Extent?
  /// Whether it is an adapter, as it is after the commit, whose base is unknown.
  public let hasUnknownBase: Bool

  /// What happened to it.
  public var status: Status {
    entry.old == nil ? .added : entry.new == nil ? .deleted : .modified
  }
}

extension Repository {
  /// The entries that a commit changed, compared with its first parent, sorted by path; those at or
  /// below some paths alone, where there are any. With `measuring`, the modules of adapters are
  /// compared too, which reads their weights.
  public func changes(
    of commit: Commit, within paths: [String] = [], measuring: Execution? = nil
  ) throws(HistoryError) -> [CommitChange] {
    let before = try tree(of: commit.parents.first)
    var changes: [CommitChange] = []
    for entry in try trees.changes(from: before, to: commit.tree) {
      let isMeant = paths.contains {
        entry.path.isWithin($0) || $0.hasPrefix(entry.path.text + "/")
      }
      guard paths.isEmpty || isMeant else { continue }
      let snapshot = try entry.new.map { (id) throws(HistoryError) in try read(Snapshot.self, id) }
      changes.append(
        CommitChange(
          entry: entry, extent: try extent(of: entry, measuring),
          hasUnknownBase: snapshot?.hasUnknownBase ?? false))
    }
    return changes
  }

  /// How much of an entry changed: the place for whatever a log tells about one.
  private func extent(
    of entry: TreeChange, _ measuring: Execution?
  ) throws(HistoryError) -> CommitChange.Extent? {
    guard let old = entry.old, let new = entry.new else { return nil }
    let before = try parts(of: entry.old)
    let after = try parts(of: entry.new)
    var changed: Set<String> = []
    var all: Set<String> = []
    var files: Set<String> = []
    for (side, other) in [(before, after), (after, before)] {
      for (part, content) in side.contents {
        let isChanged = !other.has(part, content)
        switch part {
        case .tensor(let name, _):
          all.insert(name)
          if isChanged { changed.insert(name) }
        case .file(let path):
          if isChanged { files.insert(path) }
        }
      }
    }
    var modules: [ChangedModules]?
    if let measuring, !changed.isEmpty {
      modules = try changedModules(from: old, to: new, execution: measuring)
    }
    return CommitChange.Extent(
      changedTensorCount: changed.count, tensorCount: all.count, changedFiles: files.sorted(),
      changedBase: try read(Snapshot.self, old).base != read(Snapshot.self, new).base,
      modules: modules)
  }
}
