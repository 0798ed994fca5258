internal import Files

/// Whether a file can be put at a path of the working tree, and what has to go first.
struct WayClearing {
  private let repository: Repository

  init(_ repository: Repository) { self.repository = repository }

  /// Whether a folder above a path is a link: what lies behind it is not the repository's.
  func leadsElsewhere(_ path: TrackedPath) -> Bool {
    path.ancestors.contains { repository.place(of: $0).isLink }
  }

  /// Throws where a link or a file stands above a path, or a folder at it; what is about to be
  /// deleted does not count.
  func check(_ path: TrackedPath, deleting deleted: Set<TrackedPath>) throws(HistoryError) {
    for ancestor in path.ancestors {
      let folder = repository.place(of: ancestor)
      guard folder.kind != nil else { return }
      if folder.isDirectory, !folder.isLink { continue }
      guard !folder.isLink, deleted.contains(try TrackedPath(ancestor)) else {
        throw .file(.notDirectory(folder))
      }
      return
    }
    let place = repository.place(of: path.text)
    if place.isDirectory, !place.isLink, try !isEmptied(path.text, by: deleted) {
      throw .file(.isDirectory(place))
    }
  }

  /// Whether a folder holds nothing but what is about to be deleted, and folders of that.
  private func isEmptied(
    _ folder: String, by deleted: Set<TrackedPath>
  ) throws(HistoryError) -> Bool {
    let place = repository.place(of: folder)
    let names: [String]
    do { names = try place.entryNames() } catch { throw .file(error) }
    for name in names {
      let child = folder + "/" + name
      if TrackedPath.brokenRule(child) != nil { return false }
      let entry = place.appending(name)
      if entry.isDirectory, !entry.isLink {
        guard try isEmptied(child, by: deleted) else { return false }
      } else if !deleted.contains(try TrackedPath(child)) {
        return false
      }
    }
    return true
  }

  /// Makes the folders above a path and removes empty ones at it; where it is.
  func clear(_ path: TrackedPath) throws -> Path {
    for ancestor in path.ancestors {
      let folder = repository.place(of: ancestor)
      if folder.isLink { throw FileError.notDirectory(folder) }
      guard folder.kind == nil else {
        guard folder.isDirectory else { throw FileError.notDirectory(folder) }
        continue
      }
      try folder.createDirectory()
    }
    let place = repository.place(of: path.text)
    if place.isDirectory, !place.isLink { try removeEmpty(place) }
    return place
  }

  private func removeEmpty(_ folder: Path) throws {
    for name in try folder.entryNames() { try removeEmpty(folder.appending(name)) }
    try folder.removeDirectory()
  }
}
