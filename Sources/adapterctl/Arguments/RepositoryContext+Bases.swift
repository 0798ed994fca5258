internal import Files
internal import History

extension RepositoryContext {
  /// What is known of files that have not changed since they were hashed.
  func digestCache(distrusted: Bool = false) -> DigestCache {
    DigestCache(repository, now: Clock.ofSystem, distrusted: distrusted)
  }

  /// A path from the root as the user would write it: relative where it lies in the current
  /// directory.
  func shown(_ path: Path) -> Path {
    let here = Path(".").resolved.text
    let prefix = here.hasSuffix("/") ? here : here + "/"
    return path.text.hasPrefix(prefix) ? Path(String(path.text.dropFirst(prefix.count))) : path
  }
}
