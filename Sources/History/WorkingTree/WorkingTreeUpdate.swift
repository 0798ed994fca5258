public import Adapters
internal import Files
internal import Storage

/// Brings files of the working tree from what they are to what snapshots say: first all of them are
/// restored aside and checked, then each is moved to its place.
///
/// So a full disk or a damaged object changes nothing; a process that is killed between two moves
/// leaves each file whole, and another attempt does the rest. Only files that a snapshot has are
/// written or deleted, and none behind a link.
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

  /// Throws `wouldOverwrite` where bytes that are neither of the old snapshot nor of the new one are
  /// where one of them has a file, or where something else is in the way of a file.
  func check(_ moves: [Move]) throws(HistoryError) {
    let comparison = WorkingComparison()
    let deleted = Set(moves.flatMap(Self.deletions))
    var inTheWay: [TrackedPath] = []
    for move in moves where try isInTheWay(move, comparison, deleting: deleted) {
      inTheWay.append(move.path)
    }
    guard inTheWay.isEmpty else { throw .wouldOverwrite(inTheWay) }
  }

  private func isInTheWay(
    _ move: Move, _ comparison: WorkingComparison, deleting deleted: Set<TrackedPath>
  ) throws(HistoryError) -> Bool {
    let (old, new) = (move.old?.files ?? [:], move.new?.files ?? [:])
    for name in Set(old.keys).union(new.keys) {
      let path = try move.path.appending(name)
      if new[name] != nil, (try? clearing.check(path, deleting: deleted)) == nil { return true }
      let place = repository.place(of: path.text)
      // What is behind a link is not the repository's, and is left alone.
      guard !clearing.leadsElsewhere(path), place.kind != nil else { continue }
      if place.isDirectory, !place.isLink { continue }
      guard !place.isLink, place.isFile else { return true }
      let digest = try comparison.digest(of: place)
      if digest != old[name]?.digest, digest != new[name]?.digest { return true }
    }
    return false
  }

  /// The files that the old snapshot has and the new one has not.
  private static func deletions(_ move: Move) -> [TrackedPath] {
    let names = (move.old?.files ?? [:]).keys.filter { move.new?.files[$0] == nil }
    return names.compactMap { try? move.path.appending($0) }
  }

  private var clearing: WayClearing { WayClearing(repository) }

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
    var ready: [(from: Path, to: TrackedPath)] = []
    for move in moves {
      for (name, file) in move.new?.files.sorted(by: { $0.key < $1.key }) ?? [] {
        let path = try move.path.appending(name)
        let place = repository.place(of: path.text)
        if !clearing.leadsElsewhere(path), !place.isLink, case .file(file.byteCount) = place.kind,
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
    let deleted = moves.flatMap(Self.deletions)
    for (_, path) in ready { try clearing.check(path, deleting: Set(deleted)) }
    for path in deleted { try delete(path) }
    var folders: Set<Path> = []
    for (aside, path) in ready {
      let place = try clearing.clear(path)
      try aside.rename(over: place)
      folders.insert(place.parent)
    }
    for folder in folders { try folder.syncNames() }
  }

  /// Deletes a file, and the folders that are empty then.
  private func delete(_ path: TrackedPath) throws {
    var place = repository.place(of: path.text)
    guard !clearing.leadsElsewhere(path), place.kind != nil, !place.isDirectory || place.isLink
    else { return }
    try place.removeFile()
    while place.parent != repository.root {
      place = place.parent
      guard try place.entryNames().isEmpty else { break }
      try place.removeDirectory()
    }
  }
}
