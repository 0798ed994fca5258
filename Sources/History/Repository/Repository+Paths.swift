public import Files

extension Repository {
  /// A path of the file system as it is tracked: relative to the top, `""` for the top itself.
  ///
  /// Links above the last component are followed, the last one is not. Throws `outsideWorkingTree`
  /// for what lies elsewhere, and `invalidPath` for what cannot be tracked.
  public func relative(_ path: Path) throws(HistoryError) -> String {
    let absolute = Self.normalised(
      path.text.hasPrefix("/") ? path : Path(".").resolved.appending(path.text))
    let candidates = [
      absolute, absolute.parent.resolved.appending(absolute.name), absolute.resolved,
    ]
    for candidate in candidates {
      if candidate == root { return "" }
      let prefix = root.text.hasSuffix("/") ? root.text : root.text + "/"
      guard candidate.text.hasPrefix(prefix) else { continue }
      return try TrackedPath(String(candidate.text.dropFirst(prefix.count))).text
    }
    throw .outsideWorkingTree(path)
  }

  /// Where a tracked path stands in the working tree.
  public func place(of path: String) -> Path { path.isEmpty ? root : root.appending(path) }

  /// An absolute path without `.`, `..` and empty components, by its text alone.
  private static func normalised(_ path: Path) -> Path {
    var components: [Substring] = []
    for component in path.text.split(separator: "/") where component != "." {
      if component == ".." { _ = components.popLast() } else { components.append(component) }
    }
    return Path("/" + components.joined(separator: "/"))
  }
}
