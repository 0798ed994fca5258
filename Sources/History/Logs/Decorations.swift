public import Storage

/// The names that lead to commits, as a log shows them beside ids.
public struct Decorations: Sendable {
  /// A name of a commit.
  public enum Label: Hashable, Sendable {
    /// The head, which is on no branch.
    case detachedHead
    /// The branch that the head is on.
    case headBranch(String)
    /// Another branch.
    case branch(String)
    /// A tag.
    case tag(String)
    /// Any other ref, without `refs/`.
    case other(String)
  }

  private var labels: [ObjectID: [Label]] = [:]

  /// No names.
  public init() {}

  /// The names of a commit: the head's first, then tags, branches and others.
  public subscript(id: ObjectID) -> [Label] { labels[id] ?? [] }

  /// The names of a repository's commits, as of now.
  public init(_ repository: Repository) throws(HistoryError) {
    let head = try repository.head()
    if let commit = head.commit {
      labels[commit] = [head.branch.map { .headBranch($0.short) } ?? .detachedHead]
    }
    let prefixes = RefName.prefixes
    var found: [(group: Int, name: RefName, id: ObjectID, label: Label)] = []
    for (name, value) in try repository.refs() where name.text.hasPrefix("refs/") {
      guard case .object(var id) = value, name != head.branch else { continue }
      if name.text.hasPrefix(prefixes.tags) {
        id = try repository.peeled(id, name.short)
        found.append((0, name, id, .tag(name.short)))
      } else if name.text.hasPrefix(prefixes.branches) {
        found.append((1, name, id, .branch(name.short)))
      } else if !name.text.hasPrefix(prefixes.bases), !name.text.hasPrefix(prefixes.merges) {
        found.append((2, name, id, .other(String(name.text.dropFirst(5)))))
      }
    }
    for (_, _, id, label) in found.sorted(by: { ($0.group, $0.name) < ($1.group, $1.name) }) {
      labels[id, default: []].append(label)
    }
  }
}
