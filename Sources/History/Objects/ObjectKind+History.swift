public import Storage

extension ObjectKind {
  /// A file's bytes, as segments.
  public static let file = known("file")
  /// An adapter, a checkpoint or a plain file at one path.
  public static let snapshot = known("snapshot")
  /// A map from paths to snapshots.
  public static let tree = known("tree")
  /// A tree with its history.
  public static let commit = known("commit")
  /// A named commit, with a message.
  public static let tag = known("tag")
  /// A registered base.
  public static let base = known("base")
  /// A merge that was made here.
  public static let merge = known("merge")

  private static func known(_ text: String) -> ObjectKind {
    guard let kind = ObjectKind(text) else { preconditionFailure("a word that names a kind") }
    return kind
  }
}
