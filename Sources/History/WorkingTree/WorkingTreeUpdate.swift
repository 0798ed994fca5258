public import Adapters
internal import Files
internal import Storage

/// Brings files of the working tree from what they are to what snapshots say: first all of them are
/// restored aside and checked, then each is moved to its place.
///
/// So a full disk or a damaged object changes nothing; a process that is killed between two moves
/// leaves each file whole, and another attempt does the rest. Only files that a snapshot has are
/// written or deleted: what is ignored stays.
public struct WorkingTreeUpdate {
  private let repository: Repository
  private let execution: Execution

  /// An update of a repository's working tree.
  public init(_ repository: Repository, execution: Execution) {
    self.repository = repository
    self.execution = execution
  }

  /// One path: what the files there may be of, and what they are to be of.
  struct Move {
    let path: TrackedPath
    let old: Snapshot?
    let new: Snapshot?
  }

  /// Throws `wouldOverwrite` where files that differ from `old` are in the way at one of the paths.
  func check(_ moves: [Move]) throws(HistoryError) {
    var finding = Finding(repository)
    let comparison = WorkingComparison()
    var inTheWay: [TrackedPath] = []
    for move in moves {
      if try isInTheWay(move, &finding, comparison) { inTheWay.append(move.path) }
    }
    guard inTheWay.isEmpty else { throw .wouldOverwrite(inTheWay) }
  }

  private func isInTheWay(
    _ move: Move, _ finding: inout Finding, _ comparison: WorkingComparison
  ) throws(HistoryError) -> Bool {
    guard let known = move.old ?? move.new else { return false }
    guard let found = try finding.tracked(move.path, as: known) else { return false }
    let changed = try comparison.difference(of: found, from: known)
    if changed.isEmpty { return false }
    // What is there already as it is to be is not lost; nor are files that no snapshot has.
    let asWanted = try move.new.map { new throws(HistoryError) in
      try comparison.difference(of: found, from: new)
    }
    return changed.contains { name, kind in
      switch kind {
      case .deleted: false
      case .modified: asWanted?[name] != nil || move.new?.files[name] == nil
      case .added: move.new?.files[name] != nil && asWanted?[name] != nil
      }
    }
  }

  /// Writes and deletes files so that every path is as its new snapshot.
  func apply(_ moves: [Move]) throws(HistoryError) {
    let staging = repository.own("checkouts").appending(Checkouts.newName())
    do {
      try repository.own("checkouts").createDirectories()
      let held = try Checkouts.hold(staging)
      defer { withExtendedLifetime(held) { try? staging.removeTree() } }
      try apply(moves, through: staging)
    } catch let error as HistoryError {
      throw error
    } catch let error as FileError {
      throw .file(error)
    } catch { preconditionFailure("these two errors only") }
  }

  private func apply(_ moves: [Move], through staging: Path) throws {
    let restoring = Restoring(repository, execution: execution)
    let comparison = WorkingComparison()
    var ready: [(from: Path, to: String)] = []
    for move in moves {
      for (name, file) in move.new?.files.sorted(by: { $0.key < $1.key }) ?? [] {
        let path = name.isEmpty ? move.path.text : move.path.text + "/" + name
        let place = repository.place(of: path)
        if !place.isLink, case .file(file.byteCount) = place.kind,
          try comparison.digest(of: place) == file.digest
        {
          continue
        }
        let aside = staging.appending(String(ready.count))
        do throws(HistoryError) {
          try restoring.create(file.file, at: aside)
        } catch { throw error.renaming(aside, to: place) }
        ready.append((aside, path))
      }
    }
    for move in moves { try delete(move) }
    var folders: Set<Path> = []
    for (aside, path) in ready {
      let place = try clearWay(to: path)
      try aside.rename(over: place)
      folders.insert(place.parent)
    }
    for folder in folders { try folder.syncNames() }
  }

  /// Deletes the files that the old snapshot has and the new one has not, and the folders that are
  /// empty then.
  private func delete(_ move: Move) throws {
    guard let old = move.old else { return }
    for name in old.files.keys where move.new?.files[name] == nil {
      let path = name.isEmpty ? move.path.text : move.path.text + "/" + name
      guard try !leadsElsewhere(path) else { continue }
      var place = repository.place(of: path)
      guard place.kind != nil, !place.isDirectory || place.isLink else { continue }
      try place.removeFile()
      while place.parent != repository.root {
        place = place.parent
        guard try place.entryNames().isEmpty else { break }
        try place.removeDirectory()
      }
    }
  }

  /// Makes the folders above a path; throws where one of them is a link or a file.
  private func clearWay(to path: String) throws -> Path {
    for ancestor in try TrackedPath(path).ancestors {
      let folder = repository.place(of: ancestor)
      if folder.isLink { throw FileError.notDirectory(folder) }
      guard folder.kind == nil else {
        guard folder.isDirectory else { throw FileError.notDirectory(folder) }
        continue
      }
      try folder.createDirectory()
    }
    let place = repository.place(of: path)
    if place.isDirectory, !place.isLink { throw FileError.isDirectory(place) }
    return place
  }

  /// Whether a folder above a path is a link: what lies behind it is not the repository's.
  private func leadsElsewhere(_ path: String) throws -> Bool {
    try TrackedPath(path).ancestors.contains { repository.place(of: $0).isLink }
  }
}
