public import Files

extension Repository {
  /// A path of the file system as it is tracked: relative to the top, `""` for the top itself.
  ///
  /// Links above the last component are followed, the last one is not: what is tracked stands in the
  /// working tree itself, never behind a link. Throws `outsideWorkingTree` for what lies elsewhere,
  /// and `invalidPath` for what cannot be tracked.
  public func relative(_ path: Path) throws(HistoryError) -> String {
    // What a script's unset variable leaves is not everything below the current directory.
    if path.text.isEmpty { throw .invalidPath("", rule: "is empty") }
    let absolute = Self.normalised(
      path.text.utf8.first == 0x2F ? path : Path(".").resolved.appending(path.text))
    if absolute == root { return "" }
    var candidates = [Self.followed(absolute.parent).appending(absolute.name)]
    // A link from elsewhere into the working tree.
    if absolute.kind != nil { candidates.append(absolute.resolved) }
    for candidate in candidates {
      if candidate == root { return "" }
      let prefix = root.text.utf8.last == 0x2F ? root.text : root.text + "/"
      guard candidate.text.utf8.starts(with: prefix.utf8) else { continue }
      let rest = candidate.text.utf8.dropFirst(prefix.utf8.count)
      return try TrackedPath(String(decoding: rest, as: UTF8.self)).text
    }
    throw .outsideWorkingTree(path)
  }

  /// A folder without links; of one that is gone, that above it which is there.
  private static func followed(_ folder: Path) -> Path {
    guard folder.kind == nil, folder.parent != folder else { return folder.resolved }
    return followed(folder.parent).appending(folder.name)
  }

  /// Where a tracked path stands in the working tree.
  public func place(of path: String) -> Path { path.isEmpty ? root : root.appending(path) }

  /// An absolute path without `.`, `..` and empty components, by its text alone.
  private static func normalised(_ path: Path) -> Path {
    var components: [Substring] = []
    for bytes in path.text.utf8.split(separator: 0x2F) {
      switch Substring(bytes) {
      case ".": continue
      case "..": _ = components.popLast()
      case let component: components.append(component)
      }
    }
    return Path("/" + components.joined(separator: "/"))
  }
}
