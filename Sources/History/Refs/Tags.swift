public import Storage

/// A tag as it is listed.
public struct TagEntry: Sendable {
  /// Its name, without `refs/tags/`.
  public let name: String
  /// What the ref names: a commit, or a tag with a message.
  public let object: ObjectID
  /// The commit.
  public let commit: ObjectID
  /// The annotation; nil for a plain name.
  public let annotation: Tag?
}

extension Repository {
  /// The tags, sorted by name.
  public func tags() throws(HistoryError) -> [TagEntry] {
    var tags: [TagEntry] = []
    for (name, value) in try refs(below: RefName.prefixes.tags) {
      guard case .object(let id) = value else { continue }
      tags.append(try tag(name, id))
    }
    return tags.sorted { $0.name < $1.name }
  }

  private func tag(_ name: String, _ id: ObjectID) throws(HistoryError) -> TagEntry {
    let object: StoredObject
    do { object = try store.object(id) } catch { throw .storage(error) }
    let annotation = object.kind == .tag ? try Tag(object, id: id) : nil
    return TagEntry(
      name: name, object: id, commit: try peeled(id, name), annotation: annotation)
  }

  /// Names a commit; with a message the tag is an object of its own. What it named before is given
  /// back.
  ///
  /// A tag stays where it is: throws `refExists`, unless `moving` allows it, as aliases such as
  /// `production` need it. Both places stay in the log. One with a message keeps it when it moves,
  /// unless another is given.
  public func makeTag(
    _ name: String, at commit: ObjectID, message: String?, tagger: Signature, moving: Bool,
    act: Act
  ) throws(HistoryError) -> ObjectID? {
    let ref = try RefName.newTag(name)
    var before: ObjectID?
    try change(act) { transaction throws(HistoryError) in
      let old = try refValue(ref)
      if old != nil, !moving { throw .refExists(ref) }
      var kept: String?
      if case .object(let id) = old {
        let entry = try tag(name, id)
        before = entry.commit
        kept = entry.annotation?.message
        if message == nil, entry.commit == commit { return [] }
      }
      var target = commit
      if let message = message ?? kept {
        let tag = Tag(
          target: commit, name: name, tagger: tagger, time: act.time,
          message: Message(message).text)
        do throws(StorageError) {
          target = try transaction.put(tag.object)
        } catch { throw .storage(error) }
      }
      return old == .object(target) ? [] : [RefUpdate(ref, from: old, to: .object(target))]
    }
    return before
  }

  /// Takes a tag away; the commit it named.
  public func deleteTag(_ name: String, act: Act) throws(HistoryError) -> ObjectID {
    let ref = try RefName.tag(name)
    var deleted: ObjectID?
    try change(act) { _ throws(HistoryError) in
      guard case .object(let id) = try refValue(ref) else {
        throw .noSuchRef(
          "tag \"\(name)\"",
          nearMisses: Near.misses(of: name, among: try refs(below: RefName.prefixes.tags).keys))
      }
      deleted = try peeled(id, name)
      return [RefUpdate(ref, from: .object(id), to: nil)]
    }
    guard let deleted else { throw .noSuchRef("tag \"\(name)\"", nearMisses: []) }
    return deleted
  }
}
