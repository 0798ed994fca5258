internal import Digests
public import Storage

extension Repository {
  /// The commit that a revision names: an id or the beginning of one (at least 4 digits), `HEAD`, `@`,
  /// a branch, a tag, each with `~N`, `^N`, `^{commit}` and `@{N}` behind it.
  ///
  /// Tags are followed to their commits. As in git, a whole id comes first, then a tag, a branch, and
  /// the beginning of an id; what could mean several of them is noticed.
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
    if let id = try wholeID(String(text)) { return id }
    if let name = try refName(String(text)) {
      guard let id = try resolve(name) else {
        throw .unbornBranch(try head().branch?.short ?? name.short)
      }
      return id
    }
    if let id = try abbreviated(text, revision) { return id }
    throw .unknownRevision(revision, nearMisses: try nearMisses(String(text)))
  }

  /// The object of a whole id, which comes before any ref of that name; nil for any other text.
  private func wholeID(_ text: String) throws(HistoryError) -> ObjectID? {
    let digits = text.hasPrefix("b3:") ? String(text.dropFirst(3)) : text
    guard digits.utf8.count == 64, let id = try ids(beginningWith: digits).first else { return nil }
    var others: [AmbiguousName.Meaning] = []
    for name in try candidates(text) { others.append(try meaning(name)) }
    if !others.isEmpty {
      notice(AmbiguousName(text: text, taken: .object(id), others: others))
    }
    return id
  }

  /// The ref that a text means; nil where there is none. Where it could mean something else too, that
  /// is noticed.
  public func refName(_ text: String) throws(HistoryError) -> RefName? {
    if text == "HEAD" || text == "@" { return .head }
    let names = try candidates(text)
    guard let name = names.first else { return nil }
    var others: [AmbiguousName.Meaning] = []
    for other in names.dropFirst() { others.append(try meaning(other)) }
    others += try ids(beginningWith: text).map { .object($0) }
    if !others.isEmpty {
      notice(AmbiguousName(text: text, taken: try meaning(name), others: others))
    }
    return name
  }

  /// A ref with what it leads to: where that is a tag of its own, the commit that users know.
  private func meaning(_ name: RefName) throws(HistoryError) -> AmbiguousName.Meaning {
    guard let id = try resolve(name) else { return .ref(name, nil) }
    return .ref(name, (try? peeled(id, name.short)) ?? id)
  }

  /// The refs that a text can mean, in git's order.
  private func candidates(_ text: String) throws(HistoryError) -> [RefName] {
    let refs = try refs()
    let prefixes = RefName.prefixes
    return ["", "refs/", prefixes.tags, prefixes.branches, "refs/remotes/"].compactMap { prefix in
      if prefix.isEmpty, !text.hasPrefix("refs/"), text != "INDEX" { return nil }
      guard let name = try? RefName(prefix + text), refs[name] != nil else { return nil }
      return name
    }
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
