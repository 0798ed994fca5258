public import Adapters
internal import Digests
internal import Files
internal import Parallel
public import Tensors

/// What a model on the disk consists of, by content.
public struct BaseContents: Sendable {
  /// The id of all its tensors with their names.
  public let checkpoint: CheckpointID
  /// The tensors.
  public let tensors: [TensorName: TensorID]
  /// The files by their names.
  public let files: [String: Base.File]

  /// Hashes a model, or as much of it as the cache does not know.
  ///
  /// All tensors are hashed in one pass of all threads, and the files beside the weights; with
  /// `hashesFiles` the files of weights also as wholes, and all files by SHA-256 too. Throws
  /// `changedWhileRead` where a file is not the one at the end that it was when it was opened.
  public init(
    of model: Checkpoint, cache: DigestCache?, hashesFiles: Bool = false,
    execution: Execution = Execution()
  ) throws(HistoryError) {
    let reading = BaseReading(model, cache: cache, execution: execution)
    tensors = try reading.tensors()
    checkpoint = CheckpointID(tensors)
    files = try reading.files(hashesFiles: hashesFiles)
    cache?.save()
  }

  /// What is known of a model without reading more than headers; nil where the cache lacks
  /// something, or a file cannot be read.
  public init?(of model: Checkpoint, knownTo cache: DigestCache) {
    let reading = BaseReading(model, cache: cache, execution: Execution())
    guard let tensors = reading.knownTensors(), let files = reading.knownFiles() else {
      return nil
    }
    self.tensors = tensors
    self.files = files
    checkpoint = CheckpointID(tensors)
  }
}
