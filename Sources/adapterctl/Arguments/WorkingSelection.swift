internal import Adapters
internal import Files
internal import History

/// What the paths of a command mean in the working tree: what is there to be stored, and what is gone
/// and to be taken out.
struct WorkingSelection {
  let found: [Found]
  let removed: [TrackedPath]
  let notes: [String]

  /// What stands at the paths, in their order; each once. The purpose is `following` for paths that
  /// the user did not name.
  init(
    _ repository: Repository, _ paths: [String], purpose: Finding.Purpose = .naming
  ) throws {
    var finding = Finding(repository, purpose: purpose)
    var found: [TrackedPath: Found] = [:]
    var removed: Set<TrackedPath> = []
    let tree = try repository.stagedTree(try repository.head())
    for text in paths {
      let path = Path(text)
      let relative = try repository.relative(path)
      let tracked = try repository.trees.paths(of: tree, within: relative)
      let gone = tracked.filter { repository.place(of: $0.text).kind == nil }
      removed.formUnion(gone)
      if path.kind == nil, !gone.isEmpty { continue }
      let here: [Found]
      do throws(HistoryError) {
        here = try finding.find(at: path)
      } catch {
        // A folder from which everything is gone has nothing to be found.
        guard case .notAddable = error, !gone.isEmpty else { throw error }
        continue
      }
      for item in here { found[item.path] = item }
      // What is tracked below a folder and no adapter any more is still what it was.
      for path in tracked where found[path] == nil {
        guard !removed.contains(path), let id = try repository.stagedSnapshot(at: path) else {
          continue
        }
        try finding.refuseDamaged(path, as: id)
        guard let still = try finding.tracked(path, as: id) else {
          // A folder stands there, with nothing of it.
          removed.insert(path)
          continue
        }
        found[path] = still
      }
    }
    self.found = found.values.sorted { $0.path < $1.path }
    self.removed = removed.sorted()
    notes = Array(Set(finding.notes)).sorted()
  }

  /// The bytes of what is there.
  var byteCount: Int { found.reduce(0) { $0 + $1.byteCount } }

  /// The paths, for the log.
  var summary: String {
    let paths = (found.map(\.path) + removed).map(\.text)
    return paths.count > 3 ? "\(paths.count) paths" : paths.joined(separator: ", ")
  }
}
