public import Storage

/// A version of an adapter that cannot be given back whole.
public struct AffectedVersion: Hashable, Sendable {
  /// Its path; nil where the commit cannot even list its paths.
  public let path: TrackedPath?
  /// Its snapshot.
  public let snapshot: ObjectID?
  /// The newest commit that has it.
  public let commit: ObjectID
  /// How many commits have it.
  public let commitCount: Int
  /// The files in it that are lost or in doubt; empty where that is unknown.
  public let files: [String]
}

/// What a check has looked at, and what it found.
public struct CheckReport: Sendable {
  /// How many there were of what was looked at.
  public struct Counts: Hashable, Sendable {
    /// The refs.
    public var refs = 0
    /// The commits.
    public var commits = 0
    /// The snapshots: adapters, checkpoints and plain files.
    public var snapshots = 0
    /// The different files.
    public var files = 0
    /// The different tensors.
    public var tensors = 0
    /// The different chunks.
    public var chunks = 0
    /// The files whose bytes were all read and compared with their digest.
    public var readFiles = 0
  }

  /// What was looked at.
  public internal(set) var counts = Counts()
  /// What is wrong, in the order in which it was met.
  public internal(set) var findings: [CheckFinding] = []
  /// The versions that cannot be given back whole, by their paths.
  public internal(set) var affected: [AffectedVersion] = []

  /// Whether all is as it should be.
  public var isClean: Bool { findings.isEmpty }
}
