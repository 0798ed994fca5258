internal import Adapters
public import Files
public import Storage

extension Repository {
  /// Writes one file with branches, tags and other refs, and all that they lead to; without what
  /// the commits `since` lead to, which the receiver must have then.
  ///
  /// `revisions` are names of refs: a bundle carries names. Throws `noSuchRef` for others, and
  /// `exists` where the file is there already.
  public func bundle(
    _ revisions: [String], since: [String], to path: Path
  ) throws(HistoryError) -> Bundle {
    var refs: [RefName: ObjectID] = [:]
    for revision in revisions {
      var name = try refName(revision)
      if name == .head { name = try head().branch }
      guard let name, let id = try resolve(name) else {
        throw .noSuchRef(revision, nearMisses: try nearMisses(revision))
      }
      refs[name] = id
    }
    var prerequisites: Set<ObjectID> = []
    for revision in since { prerequisites.insert(try commit(revision)) }
    do {
      return try Bundle.create(
        at: path, from: store, refs: refs, excluding: prerequisites,
        references: HistoryReferences.of)
    } catch { throw .storage(error) }
  }

  /// The branches, tags, bases and merges there are, by names that `bundle` takes.
  public func bundledNames() throws(HistoryError) -> [String] {
    let prefixes = RefName.prefixes
    return try refs().keys.map(\.text).filter { text in
      [prefixes.branches, prefixes.tags, prefixes.bases, prefixes.merges].contains {
        text.hasPrefix($0)
      }
    }.sorted()
  }

  /// Takes a bundle in: all of it is checked first, from the digest of the file to what its refs
  /// lead to. Then its refs are made, those that are missing here; none that is here moves.
  ///
  /// What such a one names in the bundle is kept as `refs/remotes/bundle/` and the rest of its name.
  /// Throws `unsoundBundle` where it is the bundle that is damaged.
  public func unbundle(_ bundle: Bundle, act: Act) throws(HistoryError) -> [UnbundledRef] {
    do throws(StorageError) {
      let transaction = try store.begin(at: act.time)
      try bundle.unbundle(into: transaction, references: HistoryReferences.of)
      if transaction.hasContent { _ = try transaction.commit([], note: act.note, at: act.time) }
    } catch { throw bundle.blame(for: error) }
    // Nothing leads to what was stored before it is known to be a history.
    let walk = CheckWalk(self, execution: Execution())
    var refs = bundle.refs.mapValues { RefValue.object($0) }
    refs[.head] = try refValue(.head)
    try walk.check(refs)
    if let finding = walk.report.findings.first(where: { !$0.isHarmless }) {
      throw Self.refusal(finding.problem, of: bundle)
    }
    var placed: [UnbundledRef] = []
    try change(act) { _ throws(HistoryError) in
      placed = []
      let head = try head()
      var updates: [RefUpdate] = []
      for (name, id) in bundle.refs.sorted(by: { $0.key < $1.key }) {
        let here = try refValue(name)
        if here == .object(id) {
          placed.append(UnbundledRef(name: name, id: id, outcome: .same))
        } else if here == nil, name != .head, name != .index,
          // What is staged was made over nothing: under it no commit may come to lie.
          name != head.branch || head.staged == nil
        {
          updates.append(RefUpdate(name, from: nil, to: .object(id)))
          placed.append(UnbundledRef(name: name, id: id, outcome: .made))
        } else {
          let aside = try Self.aside(name)
          let old = try refValue(aside)
          if old != .object(id) {
            updates.append(RefUpdate(aside, from: old, to: .object(id)))
          }
          placed.append(UnbundledRef(name: name, id: id, outcome: .keptAs(aside)))
        }
      }
      return updates
    }
    return placed
  }

  /// Why a bundle that holds this is not taken in.
  private static func refusal(
    _ problem: CheckFinding.Problem, of bundle: Bundle
  ) -> HistoryError {
    let reason: HistoryError =
      switch problem {
      case .malformed(let id, let kind, let rule):
        .malformedObject(id, kind: kind, rule: rule)
      case .wrongKind(let id, let expected, let actual):
        .malformedObject(id, kind: expected, rule: "is a \(actual)")
      case .missing(.object(let id)): .storage(.missingObject(id))
      case .missing(.chunk(let digest)): .storage(.missingChunk(digest))
      case .unreadable(_, let error): .storage(error)
      case .ref(let name, let rule):
        .storage(.malformedFile(bundle.path, rule: "\(name) \(rule)"))
      case .store: .storage(.malformedFile(bundle.path, rule: "is no history"))
      }
    return .unsoundBundle(bundle.path, reason)
  }

  private static func aside(_ name: RefName) throws(HistoryError) -> RefName {
    let text = name.text.hasPrefix("refs/") ? String(name.text.dropFirst(5)) : name.text
    do { return try RefName("refs/remotes/bundle/" + text) } catch { throw .storage(error) }
  }
}

/// What became of a ref of a bundle.
public struct UnbundledRef: Hashable, Sendable {
  /// What became of it.
  public enum Outcome: Hashable, Sendable {
    /// It was made.
    case made
    /// It was here, and names the same.
    case same
    /// It is here, and names something else; the bundle's is kept under this name.
    case keptAs(RefName)
  }

  /// Its name in the bundle.
  public let name: RefName
  /// What it names there.
  public let id: ObjectID
  /// What became of it.
  public let outcome: Outcome
}
