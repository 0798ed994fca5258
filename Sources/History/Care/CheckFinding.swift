internal import Digests
public import Storage

/// How much of a repository is checked.
public enum CheckLevel: Hashable, Sendable {
  /// The store's own files, the log's chain, and that refs name stored objects.
  case fast
  /// Besides: that every record has the bytes that were written, and that all a ref leads to is
  /// there and well-formed.
  case usual
  /// Besides: every byte of every pack, and every file by its digest.
  case full
  /// As full, for the packs and the files of one part of `count`, numbered from 0.
  case subset(Int, of: Int)

  /// What of the store's own is checked.
  var ofStore: VerificationLevel {
    switch self {
    case .fast: .fast
    case .usual: .records
    case .full: .full
    case .subset(let part, let count): .subset(part, of: count)
    }
  }

  /// Whether a file is read and compared with its digest.
  func readsFile(_ id: ObjectID) -> Bool {
    switch self {
    case .fast, .usual: false
    case .full: true
    case .subset(let part, let count):
      count > 0 && (Int(id.digest.bytes[0]) << 8 | Int(id.digest.bytes[1])) % count == part
    }
  }
}

/// Where in a repository something stands, as far as it is known.
public struct CheckPlace: Hashable, Sendable {
  /// The ref that leads there.
  public var ref: RefName?
  /// The commit.
  public var commit: ObjectID?
  /// The path of the adapter.
  public var path: TrackedPath?
  /// The file's name in the adapter; `""` where that is a single file.
  public var file: String?
  /// The tensor's name in the file.
  public var tensor: String?

  /// A place that a ref leads to.
  public init(ref: RefName? = nil) { self.ref = ref }

  /// The place in a commit.
  func at(commit: ObjectID) -> CheckPlace { with { $0.commit = commit } }
  /// The place at a path.
  func at(path: TrackedPath) -> CheckPlace { with { $0.path = path } }
  /// The place in a file.
  func at(file: String) -> CheckPlace { with { $0.file = file } }
  /// The place in a tensor.
  func at(tensor: String) -> CheckPlace { with { $0.tensor = tensor } }

  private func with(_ edit: (inout CheckPlace) -> Void) -> CheckPlace {
    var place = self
    edit(&place)
    return place
  }
}

/// One thing that is wrong with a repository.
public struct CheckFinding: Hashable, Sendable {
  /// What is wrong.
  public enum Problem: Hashable, Sendable {
    /// The store's own files are not what they should be.
    case store(Storage.Finding)
    /// An object or a chunk is not there.
    case missing(Reference)
    /// An object or a chunk is there, but cannot be read as what it was.
    case unreadable(Reference, StorageError)
    /// An object breaks a rule; `rule` completes "the object …".
    case malformed(ObjectID, kind: String, rule: String)
    /// An object is of another kind than what refers to it needs.
    case wrongKind(ObjectID, expected: String, actual: String)
    /// A ref breaks a rule; `rule` completes "the ref …".
    case ref(RefName, rule: String)
  }

  /// What is wrong.
  public let problem: Problem
  /// Where that was met first.
  public let place: CheckPlace

  /// Whether nothing is lost by it.
  public var isHarmless: Bool {
    guard case .store(let finding) = problem else { return false }
    return finding.isHarmless
  }
}
