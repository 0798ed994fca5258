internal import Digests
public import Storage

extension Repository {
  /// The commit that a revision names: an id or the beginning of one (at least 4 digits), `HEAD`, `@`,
  /// a branch, a tag, each with `~N`, `^N`, `^{commit}` and `@{N}` behind it.
  ///
  /// Tags are followed to their commits. A tag comes before a branch of the same name, as in git.
  public func commit(_ revision: String) throws(HistoryError) -> ObjectID {
    try peeled(try object(revision), revision)
  }

  /// The object that a revision names: as `commit`, but a tag is itself, and an id may be of any kind.
  public func object(_ revision: String) throws(HistoryError) -> ObjectID {
    var text = revision[...]
    var steps: [Substring] = []
    // The modifiers are taken from the end: names have neither ~ nor ^ nor @{ in them.
    while let start = text.lastIndex(where: { $0 == "~" || $0 == "^" }) {
      steps.insert(text[start...], at: 0)
      text = text[..<start]
    }
    var id = try named(text, revision)
    for step in steps { id = try ancestor(of: id, step, revision) }
    return id
  }

  private func named(_ text: Substring, _ revision: String) throws(HistoryError) -> ObjectID {
    if text.hasSuffix("}"), let start = text.range(of: "@{") {
      guard let count = Int(text[start.upperBound...].dropLast()), count >= 0 else {
        throw .unknownRevision(revision, nearMisses: [])
      }
      return try earlier(String(text[..<start.lowerBound]), count, revision)
    }
    if let name = try refName(String(text)) {
      guard let id = try resolve(name) else { throw .unbornBranch(name.short) }
      return id
    }
    if let id = try abbreviated(text, revision) { return id }
    throw .unknownRevision(revision, nearMisses: try nearMisses(String(text)))
  }

  /// The ref that a text means; nil where there is none.
  public func refName(_ text: String) throws(HistoryError) -> RefName? {
    if text == "HEAD" || text == "@" { return .head }
    let refs = try refs()
    let prefixes = RefName.prefixes
    for prefix in ["", prefixes.tags, prefixes.branches] {
      guard let name = try? RefName(prefix + text), refs[name] != nil else { continue }
      if prefix.isEmpty, !text.hasPrefix("refs/"), text != "INDEX" { continue }
      return name
    }
    return nil
  }

  /// The object a ref leads to.
  public func resolve(_ name: RefName) throws(HistoryError) -> ObjectID? {
    do { return try store.log.object(of: name) } catch { throw .storage(error) }
  }

  /// The commit behind an object that is a commit or a tag.
  public func peeled(_ id: ObjectID, _ revision: String) throws(HistoryError) -> ObjectID {
    let object: StoredObject
    do { object = try store.object(id) } catch { throw .storage(error) }
    switch object.kind {
    case .commit: return id
    case .tag: return try peeled(try Tag(object, id: id).target, revision)
    default: throw .unexpectedKind(id, expected: "commit", actual: object.kind.text)
    }
  }

  private func ancestor(
    of id: ObjectID, _ step: Substring, _ revision: String
  ) throws(HistoryError) -> ObjectID {
    let id = try peeled(id, revision)
    let count = step.dropFirst()
    if step.first == "^", ["{commit}", "{}", "0"].contains(count) { return id }
    guard let number = count.isEmpty ? 1 : Int(count), number >= 0 else {
      throw .unknownRevision(revision, nearMisses: [])
    }
    if step.first == "^" {
      let parents = try read(Commit.self, id).parents
      guard number <= parents.count else { throw .noSuchAncestor(revision) }
      return parents[number - 1]
    }
    var next = id
    for _ in 0..<number {
      guard let parent = try read(Commit.self, next).parents.first else {
        throw .noSuchAncestor(revision)
      }
      next = parent
    }
    return next
  }
}

extension Substring {
  /// Where a text stands in this one first.
  func range(of text: String) -> Range<Index>? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(text) {
        return start..<index(start, offsetBy: text.count)
      }
      start = index(after: start)
    }
    return nil
  }
}
