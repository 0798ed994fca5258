internal import Files
public import Storage

/// What `REV:PATH` names.
public enum TreePlace: Hashable, Sendable {
  /// All that a tree holds at and below a path; the path is empty for the whole tree.
  case folder(tree: ObjectID, path: String)
  /// A snapshot.
  case snapshot(ObjectID, path: TrackedPath)
  /// A file of a snapshot, a `FileRecord`, with its path below the working tree's top.
  case file(ObjectID, path: String, of: ObjectID)
}

extension Repository {
  /// The revision and the path of a text `REV:PATH`; nil where it has no colon but that of an id.
  public static func split(_ text: String) -> (revision: String, path: String)? {
    let start = text.hasPrefix("b3:") ? text.index(text.startIndex, offsetBy: 3) : text.startIndex
    guard let colon = text[start...].firstIndex(of: ":") else { return nil }
    return (String(text[..<colon]), String(text[text.index(after: colon)...]))
  }

  /// The revision and the path of a text; all of a revision where it has no path. Throws
  /// `unknownRevision` for an empty text, which is not the empty revision of `:PATH`.
  public static func parts(
    of text: String
  ) throws(HistoryError) -> (revision: String, path: String) {
    if text.isEmpty { throw .unknownRevision("", nearMisses: []) }
    return split(text) ?? (text, "")
  }

  /// What stands at a path of a revision. An empty revision is what is staged, as in git.
  ///
  /// A path that begins with `./` or `../` is meant from the current directory, as in git. Throws
  /// `notTracked` where there is nothing.
  public func place(_ revision: String, path: String) throws(HistoryError) -> TreePlace {
    var path = path
    if [".", ".."].contains(path.split(separator: "/").first) { path = try relative(Path(path)) }
    while path.hasSuffix("/") { path.removeLast() }
    let tree: ObjectID?
    if revision.isEmpty {
      tree = try stagedTree(try head())
    } else {
      tree = try treeOf(revision)
    }
    return try place(path, in: tree, revision: revision)
  }

  /// What stands at a path of a tree.
  public func place(
    _ path: String, in tree: ObjectID?, revision: String?
  ) throws(HistoryError) -> TreePlace {
    guard let tree else { throw .notTracked(path, revision: revision, nearMisses: []) }
    if path.isEmpty { return .folder(tree: tree, path: "") }
    let tracked = try TrackedPath(path)
    if let snapshot = try trees.snapshot(at: tracked, in: tree) {
      return .snapshot(snapshot, path: tracked)
    }
    for ancestor in tracked.ancestors.reversed() {
      guard let id = try trees.snapshot(at: try TrackedPath(ancestor), in: tree) else { continue }
      let snapshot = try read(Snapshot.self, id)
      let inner = tracked.name(below: ancestor) ?? ""
      guard let file = snapshot.files[inner] else {
        throw .notTracked(
          path, revision: revision,
          nearMisses: Near.misses(of: inner, among: snapshot.files.keys).map {
            ancestor + "/" + $0
          })
      }
      return .file(file.file, path: path, of: id)
    }
    let paths = try trees.entries(of: tree).map(\.path)
    guard paths.contains(where: { $0.isWithin(path) }) else {
      throw .notTracked(
        path, revision: revision, nearMisses: Near.misses(of: path, among: paths.map(\.text)))
    }
    return .folder(tree: tree, path: path)
  }

  /// The tree of a revision, which may also be the id of a tree itself.
  private func treeOf(_ revision: String) throws(HistoryError) -> ObjectID {
    let id = try object(revision)
    let object: StoredObject
    do { object = try store.object(id) } catch { throw .storage(error) }
    if object.kind == .tree { return id }
    return try read(Commit.self, try peeled(id, revision)).tree
  }
}
