public import Adapters
public import Files
public import Storage
public import Tensors

/// Why the repository refuses.
public indirect enum HistoryError: Error, Sendable {
  /// The store refused.
  case storage(StorageError)
  /// The file system refused.
  case file(FileError)
  /// An adapter cannot be read.
  case adapter(AdapterError)
  /// A file of tensors cannot be read.
  case tensor(TensorError)
  /// There is no repository here or above.
  case noRepository(Path)
  /// An object breaks a rule of its kind; `rule` completes "the object …".
  case malformedObject(ObjectID, kind: String, rule: String)
  /// An object is of another kind than the one that was needed.
  case unexpectedKind(ObjectID, expected: String, actual: String)
  /// A revision names nothing; `nearMisses` are refs that come close.
  case unknownRevision(String, nearMisses: [String])
  /// An abbreviated id is the beginning of several.
  case ambiguousRevision(String, [ObjectID])
  /// A revision asks for an ancestor that a commit does not have.
  case noSuchAncestor(String)
  /// The branch has no commit yet.
  case unbornBranch(String)
  /// Nothing is tracked at a path; `nearMisses` are paths that come close.
  case notTracked(String, revision: String?, nearMisses: [String])
  /// A name leads to a folder of several entries, which is no object of its own.
  case folderWithoutID(String)
  /// A path cannot be tracked; `rule` completes "the path …".
  case invalidPath(String, rule: String)
  /// A path lies outside of the working tree.
  case outsideWorkingTree(Path)
  /// A tracked path would lie below another one.
  case nestedPaths(TrackedPath, within: TrackedPath)
  /// There is nothing that a commit would change.
  case nothingToCommit
  /// No name and address of an author are known.
  case unknownAuthor
  /// A file changed while it was being read.
  case changedWhileRead(Path)
  /// A file restored from the store is not the file that was stored.
  case notRestored(Path)
  /// A folder or file is nothing that a repository keeps; `what` says what it is.
  case notAddable(Path, what: String)
  /// A folder has no checkpoints of a run; `below` are folders in it that have.
  case noCheckpoints(Path, below: [Path])
  /// A folder is itself a checkpoint of a run, and not the run.
  case isCheckpoint(Path)
  /// A file that is named and laid out as an adapter's or a model's, and cannot be read.
  case unreadableAdapter(Path, AdapterError)
  /// A ref exists already.
  case refExists(RefName)
  /// No ref has this name.
  case noSuchRef(String, nearMisses: [String])
  /// A name cannot be a branch's, tag's or base's.
  case invalidName(String, rule: String)
  /// Uncommitted changes would be lost at these paths.
  case wouldOverwrite([TrackedPath])
  /// No base of this name is registered.
  case noSuchBase(String, nearMisses: [String])
  /// A registered base's files are nowhere to be found; where they were last.
  case baseNotAtHand(String, lastSeen: Path?)
  /// A base differs from what was registered.
  case wrongBase(name: String, registered: CheckpointID, actual: CheckpointID, [TensorName])
  /// A base's name is taken by another content.
  case baseDiffers(String, registered: CheckpointID, actual: CheckpointID)
  /// Something kept was trained on a base: at a path in a commit, or staged where that is nil.
  case baseInUse(String, commit: ObjectID?, TrackedPath)
  /// The configuration of the repository breaks a rule.
  case malformedConfiguration(Path, rule: String)
  /// A branch cannot be moved or deleted while the head is on it.
  case currentBranch(String)
  /// Commits of a branch are reached from nowhere else.
  case notMerged(String)
  /// An operation cannot be taken back; `rule` completes "the operation …".
  case cannotUndo(Int, rule: String)
  /// An archive holds neither adapter nor model.
  case noAdapterInArchive(Path)
  /// A bundle is damaged, or what it carries is no history.
  case unsoundBundle(Path, HistoryError)
  /// An archive cannot be taken in or written; `rule` completes "the file …".
  case archive(Path, rule: String)
  /// The name of a file does not say which archive it is to be.
  case unknownArchive(Path)
  /// A stop was requested.
  case interrupted
}
