internal import Storage

/// Finds the versions of adapters that what is lost was a part of.
struct AffectedVersions {
  private let repository: Repository
  private let lost: Set<Reference>
  /// The files in doubt by snapshot; nil for those that are whole.
  private var known: [ObjectID: [String]?] = [:]

  init(_ repository: Repository, by lost: Set<Reference>) {
    self.repository = repository
    self.lost = lost
  }

  private struct Version: Hashable {
    let path: TrackedPath?
    let snapshot: ObjectID?
  }

  /// All versions in the commits that refs lead to.
  func found(from refs: [RefName: RefValue]) throws(HistoryError) -> [AffectedVersion] {
    guard !lost.isEmpty else { return [] }
    var search = self
    var commits: [Version: [ObjectID]] = [:]
    var files: [Version: [String]] = [:]
    for (id, commit) in readableCommits(from: refs) {
      guard let entries = try? repository.trees.entries(of: commit.tree) else {
        commits[Version(path: nil, snapshot: nil), default: []].append(id)
        continue
      }
      for (path, snapshot) in entries {
        guard let names = search.filesInDoubt(of: snapshot) else { continue }
        let version = Version(path: path, snapshot: snapshot)
        commits[version, default: []].append(id)
        files[version] = names
      }
    }
    return commits.map { version, commits in
      AffectedVersion(
        path: version.path, snapshot: version.snapshot, commit: commits[0],
        commitCount: commits.count, files: files[version] ?? [])
    }.sorted {
      ($0.path?.text ?? "", $0.snapshot?.description ?? "")
        < ($1.path?.text ?? "", $1.snapshot?.description ?? "")
    }
  }

  /// The commits that can still be read, the newest first.
  private func readableCommits(
    from refs: [RefName: RefValue]
  ) -> [(id: ObjectID, commit: Commit)] {
    var commits: [ObjectID: Commit] = [:]
    var waiting: [ObjectID] = []
    for case .object(let id) in refs.values {
      if let commit = try? repository.peeled(id, "") { waiting.append(commit) }
    }
    while let id = waiting.popLast() {
      guard commits[id] == nil, let commit = try? repository.read(Commit.self, id) else { continue }
      commits[id] = commit
      waiting += commit.parents
    }
    return commits.map { ($0.key, $0.value) }
      .sorted { ($0.commit.time, $0.id) > ($1.commit.time, $1.id) }
  }

  /// The files of a snapshot that are lost or in doubt; empty where all are, nil where none is.
  private mutating func filesInDoubt(of id: ObjectID) -> [String]? {
    if let names = known[id] { return names }
    var names: [String]?
    if let snapshot = try? repository.read(Snapshot.self, id), !lost.contains(.object(id)) {
      let inDoubt = snapshot.files.filter { isInDoubt($0.value.file) }.keys.sorted()
      names = inDoubt.isEmpty ? nil : inDoubt
    } else {
      names = []
    }
    known.updateValue(names, forKey: id)
    return names
  }

  private func isInDoubt(_ file: ObjectID) -> Bool {
    guard !lost.contains(.object(file)), let record = try? repository.read(FileRecord.self, file)
    else { return true }
    return record.segments.contains { segment in
      switch segment {
      case .bytes(_, let chunks): return chunks.contains { lost.contains(.chunk($0)) }
      case .tensor(let id, _):
        guard !lost.contains(.object(id)), let tensor = try? repository.read(TensorObject.self, id)
        else { return true }
        return tensor.chunks.contains { lost.contains(.chunk($0)) }
      }
    }
  }
}
