public import Storage

/// The commits that some revisions and ranges select: those reachable from `starts`, without those
/// reachable from `excluding`.
public struct CommitSelection: Hashable, Sendable {
  /// Where it begins.
  public var starts: [ObjectID] = []
  /// What is left out, with all that it follows.
  public var excluding: [ObjectID] = []
}

extension Repository {
  /// What revisions select: `REV`, `^REV` without what it follows, `A..B` for `^A B`. A side of a range
  /// that is missing is `HEAD`.
  public func selection(_ revisions: [String]) throws(HistoryError) -> CommitSelection {
    var selection = CommitSelection()
    for revision in revisions {
      if let (from, to) = try range(revision) {
        selection.excluding.append(try commit(from.isEmpty ? "HEAD" : from))
        selection.starts.append(try commit(to.isEmpty ? "HEAD" : to))
      } else if revision.hasPrefix("^") {
        selection.excluding.append(try commit(String(revision.dropFirst())))
      } else {
        selection.starts.append(try commit(revision))
      }
    }
    return selection
  }

  /// The commits that branches, tags and the head lead to.
  public func allTips() throws(HistoryError) -> [ObjectID] {
    let prefixes = RefName.prefixes
    var tips: [ObjectID] = []
    if let head = try head().commit { tips.append(head) }
    for (name, value) in try refs().sorted(by: { $0.key < $1.key }) {
      guard case .object(let id) = value, name.text.hasPrefix("refs/"),
        !name.text.hasPrefix(prefixes.bases), !name.text.hasPrefix(prefixes.merges)
      else { continue }
      tips.append(try peeled(id, name.short))
    }
    return tips
  }

  /// The sides of `A..B`; nil for anything else, also for a name with two dots in it. Git's `A...B` is
  /// not known here, and is refused with what comes close.
  public func range(_ text: String) throws(HistoryError) -> (from: String, to: String)? {
    guard let dots = text[...].range(of: ".."), try refName(text) == nil else { return nil }
    let (from, to) = (String(text[..<dots.lowerBound]), String(text[dots.upperBound...]))
    if to.hasPrefix(".") {
      throw .unknownRevision(text, nearMisses: ["\(from)..\(to.dropFirst())"])
    }
    return (from, to)
  }
}
