internal import Digests
internal import Files
internal import Storage

/// How the working tree, what is staged and the last commit differ.
public struct Status: Sendable {
  /// A path that differs.
  public struct Change: Hashable, Sendable {
    /// What became of it.
    public enum Kind: String, Hashable, Sendable {
      /// It is new.
      case added
      /// It has other files, or other bytes in them.
      case modified
      /// It is gone.
      case deleted
    }

    /// The path.
    public let path: TrackedPath
    /// What became of it.
    public let kind: Kind
    /// The files that differ, by their names in the snapshot; empty where all do.
    public let files: [String: Kind]
  }

  /// Where the working tree stands.
  public let head: Head
  /// What the next commit would change.
  public let staged: [Change]
  /// What differs from what is staged.
  public let unstaged: [Change]
  /// Adapters that are not tracked.
  public let untracked: [Found]
  /// Tracked adapters whose base is unknown.
  public let withoutBase: [TrackedPath]

  /// What is not tracked and never can be, for its name.
  public let unkept: [Finding.Unkept]

  /// Whether nothing differs and nothing is untracked.
  public var isClean: Bool {
    staged.isEmpty && unstaged.isEmpty && untracked.isEmpty && unkept.isEmpty
  }
}

extension Repository {
  /// How the working tree, what is staged and the last commit differ; of what lies at or below
  /// `paths`, or of everything where they are empty.
  ///
  /// Files are compared by size and by digest; those that the cache knows are not read.
  public func status(
    below paths: [String] = [], findsUntracked: Bool = true, cache: DigestCache? = nil
  ) throws(HistoryError) -> Status {
    func counts(_ path: TrackedPath) -> Bool {
      paths.isEmpty || paths.contains { path.isWithin($0) }
    }
    let head = try head()
    let committed = try tree(of: head.commit)
    let tree = try stagedTree(head)
    var staged: [Status.Change] = []
    for change in try trees.changes(from: committed, to: tree) where counts(change.path) {
      staged.append(try difference(change))
    }
    let entries = try trees.entries(of: tree)
    var finding = Finding(self, purpose: .looking)
    let comparison = WorkingComparison(cache: cache)
    var unstaged: [Status.Change] = []
    var withoutBase: [TrackedPath] = []
    for (path, id) in entries where counts(path) {
      let snapshot = try read(Snapshot.self, id)
      if snapshot.content == .adapter, snapshot.base == nil { withoutBase.append(path) }
      let found = try finding.tracked(path, as: snapshot)
      let files = try comparison.difference(of: found, from: snapshot)
      guard found != nil else {
        unstaged.append(.init(path: path, kind: .deleted, files: [:]))
        continue
      }
      if !files.isEmpty { unstaged.append(.init(path: path, kind: .modified, files: files)) }
    }
    comparison.save()
    var untracked: [Found] = []
    if findsUntracked {
      untracked = try finding.adapters(below: "", skipping: Set(entries.map(\.path.text)))
        .filter { counts($0.path) }
    }
    return Status(
      head: head, staged: staged, unstaged: unstaged, untracked: untracked,
      withoutBase: withoutBase,
      unkept: Array(Set(finding.unkept)).sorted { $0.path < $1.path }
        .filter { item in paths.isEmpty || paths.contains { item.isWithin($0) } })
  }

  /// A change between two trees, with the files that differ.
  public func difference(_ change: TreeChange) throws(HistoryError) -> Status.Change {
    guard let old = change.old, let new = change.new else {
      return .init(path: change.path, kind: change.old == nil ? .added : .deleted, files: [:])
    }
    let before = try read(Snapshot.self, old).files
    let after = try read(Snapshot.self, new).files
    var files: [String: Status.Change.Kind] = [:]
    for (name, file) in before where after[name]?.file != file.file {
      files[name] = after[name] == nil ? .deleted : .modified
    }
    for name in after.keys where before[name] == nil { files[name] = .added }
    return .init(path: change.path, kind: .modified, files: files)
  }
}
