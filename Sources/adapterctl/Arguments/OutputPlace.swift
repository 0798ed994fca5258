internal import Files
internal import History

/// Where a command may put what it makes: anywhere but over a repository or into its store.
enum OutputPlace {
  /// Throws where an output is a repository, holds the one around the current directory, or lies in
  /// a store: with `--force`, replacing it would take the history along.
  static func check(_ output: Path) throws {
    let place = output.kind == nil ? output.parent.resolved.appending(output.name) : output.resolved
    let isInStore = place.text.split(separator: "/").contains { $0 == TrackedPath.repositoryName }
    let isRepository = place.appending(TrackedPath.repositoryName).kind != nil
    let around = (try? Repository(around: Path(".")))?.root.text ?? ""
    guard isInStore || isRepository || (around + "/").hasPrefix(place.text + "/") else { return }
    throw Failure(
      .usage, "output_in_repository",
      "\(output) is a repository, holds one, or lies in its store; nothing is written there.",
      hint: "choose a name of its own for the output")
  }
}
