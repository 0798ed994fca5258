public import Storage

/// Which commits a snapshot's parts are from.
public struct Blame: Sendable {
  /// A part and the commit that gave it its content.
  public struct Line: Hashable, Sendable {
    /// The tensor or file.
    public let part: SnapshotParts.Part
    /// Its content.
    public let content: ObjectID
    /// The commit that changed it last.
    public let commit: ObjectID
  }

  /// The path of the snapshot.
  public let path: TrackedPath
  /// What stands there.
  public let snapshot: Snapshot
  /// The parts, by file and name.
  public let lines: [Line]
  /// The commits that lines name.
  public let commits: [ObjectID: Commit]
}

extension Repository {
  /// For each tensor of the snapshot at a path, and each file that holds none, the commit that changed
  /// its content last.
  ///
  /// First parents are followed, until all parts have their commit: what came by a merge is the
  /// merge's. A tensor that moved to another file of the snapshot is not changed by that.
  public func blame(
    _ path: TrackedPath, from start: ObjectID, revision: String? = nil
  ) throws(HistoryError) -> Blame {
    var id = start
    var commit = try read(Commit.self, id)
    guard var snapshot = try trees.snapshot(at: path, in: commit.tree) else {
      // Says what else there is.
      _ = try place(path.text, in: commit.tree, revision: revision)
      throw .notTracked(path.text, revision: revision, nearMisses: [])
    }
    let blamed = try read(Snapshot.self, snapshot)
    var open = try parts(of: snapshot).contents
    var lines: [Blame.Line] = []
    var commits: [ObjectID: Commit] = [:]
    while !open.isEmpty {
      var parent: (id: ObjectID, commit: Commit)?
      var earlier: ObjectID?
      if let first = commit.parents.first {
        let commit = try read(Commit.self, first)
        parent = (first, commit)
        earlier = try trees.snapshot(at: path, in: commit.tree)
      }
      if earlier != snapshot {
        let before = try parts(of: earlier)
        for (part, content) in open where !before.has(part, content) {
          lines.append(Blame.Line(part: part, content: content, commit: id))
          open[part] = nil
          commits[id] = commit
        }
      }
      guard let parent, let earlier else { break }
      (id, commit, snapshot) = (parent.id, parent.commit, earlier)
    }
    return Blame(
      path: path, snapshot: blamed, lines: lines.sorted { $0.part < $1.part }, commits: commits)
  }
}

extension SnapshotParts.Part: Comparable {
  /// The path of the file below the snapshot's.
  public var file: String {
    switch self {
    case .tensor(_, let file), .file(let file): file
    }
  }

  /// Orders by file, then by name.
  public static func < (left: Self, right: Self) -> Bool {
    (left.file, left.name) < (right.file, right.name)
  }

  private var name: String {
    if case .tensor(let name, _) = self { return name }
    return ""
  }
}
