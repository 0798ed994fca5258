public import Digests
public import Tensors

/// What was computed of a file's bytes, as far as it was asked for.
public struct FileDigests: Hashable, Sendable {
  /// The plain BLAKE3 of the whole file.
  public var digest: Digest?
  /// The SHA-256 of the whole file.
  public var sha256: SHA256Digest?
  /// The ids of its tensors, in the order in which the file lists them.
  public var tensors: [TensorID]?

  /// What is known of a file.
  public init(digest: Digest? = nil, sha256: SHA256Digest? = nil, tensors: [TensorID]? = nil) {
    self.digest = digest
    self.sha256 = sha256
    self.tensors = tensors
  }

  /// These, and what only the earlier ones know.
  func adding(_ earlier: FileDigests) -> FileDigests {
    FileDigests(
      digest: digest ?? earlier.digest, sha256: sha256 ?? earlier.sha256,
      tensors: tensors ?? earlier.tensors)
  }
}
