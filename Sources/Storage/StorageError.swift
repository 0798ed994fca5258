public import Digests
public import Files

/// Why the store refuses.
public enum StorageError: Error, Hashable, Sendable {
  /// The file system refused, and nothing has changed.
  case file(FileError)
  /// The file system refused the last step of a commit: whether it counts is seen on reading again.
  case outcomeUnknown(FileError)
  /// There is no store here.
  case notAStore(Path)
  /// The store needs a feature that this version does not have.
  case unknownFeature(String)
  /// Stored bytes break a rule of their encoding.
  case malformedEncoding(rule: String)
  /// A file of the store breaks a rule of its format.
  case malformedFile(Path, rule: String)
  /// A record's bytes are not those that were written.
  case damagedRecord(Digest, pack: Digest)
  /// The bytes that are stored for an id are others.
  case wrongContent(Digest)
  /// A document is not in its canonical spelling.
  case notCanonical
  /// No object has this id.
  case missingObject(ObjectID)
  /// No chunk has this digest.
  case missingChunk(Digest)
  /// A bundle is for a store that has these objects.
  case missingPrerequisites([ObjectID])
  /// A payload or chunk is larger than the format allows.
  case tooLarge(byteCount: Int, limit: Int)
  /// The encoder's output did not decode to its input: the machine or this program is at fault.
  case encodingNotVerified(Digest)
  /// A ref is not where the caller believes.
  case refMoved(RefName, expected: RefValue?, actual: RefValue?)
  /// A ref of the same name but for upper and lower case exists.
  case refDiffersInCase(RefName, existing: RefName)
  /// A text cannot name a ref.
  case invalidRefName(String)
  /// A text cannot be the first digits of an id.
  case invalidPrefix(String)
  /// An operation of this number does not exist.
  case missingOperation(Int)
  /// An update names a ref twice, or a document of the log would be too large.
  case invalidOperation(rule: String)
  /// The transaction took longer than gc waits for it.
  case transactionTooOld(seconds: Int)
  /// Somebody holds the store's lock.
  case locked
}
