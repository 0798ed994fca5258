internal import Adapters
internal import Digests
internal import Storage

/// A walk from all refs through all they lead to, each object once.
final class CheckWalk {
  let repository: Repository
  let execution: Execution
  /// Whether chunks are decoded where they are met, and not only looked for.
  var readsChunks = false
  var report = CheckReport()
  /// What is missing, damaged or malformed.
  private(set) var lost: Set<Reference> = []
  /// The objects that were met, and what they are; nil for those that cannot be read.
  private var kinds: [ObjectID: ObjectKind?] = [:]
  /// What files and tensors say of themselves, for those that refer to them.
  var files: [ObjectID: (byteCount: Int, digest: Digest)] = [:]
  var tensorByteCounts: [ObjectID: Int] = [:]
  var chunks: Set<Digest> = []
  /// The sound records of files, with the first place that has them.
  var records: [(id: ObjectID, record: FileRecord, place: CheckPlace)] = []

  init(_ repository: Repository, execution: Execution) {
    self.repository = repository
    self.execution = execution
  }

  /// Follows the refs, branches first: what is lost is named by the ref that people know.
  func check(_ refs: [RefName: RefValue]) throws(HistoryError) {
    report.counts.refs = refs.count
    let names = refs.keys.sorted { Self.order($0) < Self.order($1) }
    if refs[.head] == nil { found(.ref(.head, rule: "is missing"), at: CheckPlace(ref: .head)) }
    for name in names {
      let place = CheckPlace(ref: name)
      switch refs[name] {
      case .object(let id):
        try check(id, expecting: Repository.kinds(of: name), at: place)
        try checkNesting(behind: id, at: place)
      case .symbolic(let other):
        // A branch without commits is none yet.
        if name != .head || !other.text.hasPrefix(RefName.prefixes.branches) {
          found(.ref(name, rule: "stands for \(other), which is no branch"), at: place)
        }
      case nil: break
      }
    }
  }

  /// Checks an object of any kind, and all it leads to.
  private func check(
    _ id: ObjectID, expecting expected: [ObjectKind], at place: CheckPlace
  ) throws(HistoryError) {
    let kind: ObjectKind
    do {
      kind = try repository.store.object(id).kind
    } catch {
      if kinds.updateValue(nil, forKey: id) == nil { unreadable(.object(id), error, at: place) }
      return
    }
    guard expected.isEmpty || expected.contains(kind) else {
      found(
        .wrongKind(id, expected: expected[0].text, actual: kind.text), at: place)
      return
    }
    switch kind {
    case .commit: try checkCommits(from: id, at: place)
    case .tag:
      guard let tag = value(Tag.self, id, at: place) else { return }
      try checkCommits(from: tag.target, at: place)
    case .tree: try checkTree(id, within: [], at: place)
    case .snapshot: try checkSnapshot(id, at: place)
    case .file: _ = try checkFile(id, at: place)
    case .tensor: _ = checkTensor(id, at: place)
    case .base:
      guard let snapshot = value(Base.self, id, at: place)?.snapshot else { return }
      try checkSnapshot(snapshot, at: place)
    case .merge:
      var next: ObjectID? = id
      while let id = next, let record = value(MergeRecord.self, id, at: place) {
        for case let snapshot? in record.adapters.map(\.snapshot) {
          try checkSnapshot(snapshot, at: place)
        }
        next = record.earlier
      }
    default: _ = kinds.updateValue(kind, forKey: id)
    }
  }

  private func checkCommits(from start: ObjectID, at place: CheckPlace) throws(HistoryError) {
    var waiting = [start]
    while let id = waiting.popLast() {
      let place = place.at(commit: id)
      guard let commit = value(Commit.self, id, at: place) else { continue }
      report.counts.commits += 1
      try checkTree(commit.tree, within: [], at: place)
      waiting += commit.parents.reversed()
    }
  }

  /// An object's value the first time that it is met; nil after that, and where it is not sound,
  /// which is told.
  func value<Value: Kept>(_ type: Value.Type, _ id: ObjectID, at place: CheckPlace) -> Value? {
    if let known = kinds[id] {
      if let known, known != Value.kind {
        found(.wrongKind(id, expected: Value.kind.text, actual: known.text), at: place)
      }
      return nil
    }
    kinds.updateValue(nil, forKey: id)
    do throws(HistoryError) {
      let value = try repository.read(type, id)
      kinds[id] = Value.kind
      return value
    } catch {
      switch error {
      case .storage(let error): unreadable(.object(id), error, at: place)
      case .unexpectedKind(_, let expected, let actual):
        kinds[id] = ObjectKind(actual)
        found(.wrongKind(id, expected: expected, actual: actual), at: place)
      case .malformedObject(_, let kind, let rule):
        found(.malformed(id, kind: kind, rule: rule), at: place)
      case .invalidPath(let path, let rule):
        found(
          .malformed(id, kind: Value.kind.text, rule: "has the path \"\(path)\", which \(rule)"),
          at: place)
      default:
        found(.malformed(id, kind: Value.kind.text, rule: "cannot be read"), at: place)
      }
      lost.insert(.object(id))
      return nil
    }
  }

  func unreadable(_ reference: Reference, _ error: StorageError, at place: CheckPlace) {
    lost.insert(reference)
    var isMissing = false
    switch reference {
    case .object(let id): isMissing = error == .missingObject(id)
    case .chunk(let digest): isMissing = error == .missingChunk(digest)
    }
    found(isMissing ? .missing(reference) : .unreadable(reference, error), at: place)
  }

  /// An object that is there, and whose kind is right, breaks a rule.
  func malformed(_ id: ObjectID, _ kind: ObjectKind, _ rule: String, at place: CheckPlace) {
    lost.insert(.object(id))
    found(.malformed(id, kind: kind.text, rule: rule), at: place)
  }

  func found(_ problem: CheckFinding.Problem, at place: CheckPlace) {
    report.findings.append(CheckFinding(problem: problem, place: place))
  }

  func checkInterruption() throws(HistoryError) {
    if execution.interruption.isRequested { throw .interrupted }
  }

  private static func order(_ name: RefName) -> String {
    (name.text.hasPrefix(RefName.prefixes.branches) ? "0" : "1") + name.text
  }
}
