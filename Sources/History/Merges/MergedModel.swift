internal import Adapters
public import Digests
public import Files
internal import Storage
public import Tensors

/// What is in a merged model's directory, by its receipt and by what the repository knows.
public struct MergedModel: Sendable {
  /// An adapter that was merged.
  public struct Part: Sendable {
    /// Its id by content.
    public let content: Digest
    /// Its weight.
    public let weight: Double
    /// Where it was read from.
    public let path: Path
    /// The commits that brought it, the latest first.
    public let places: [ContentPlace]
  }

  /// The receipt's id of the model.
  public let merged: CheckpointID
  /// The base.
  public let base: CheckpointID
  /// The name it is registered under; nil where it is not.
  public let baseName: String?
  /// The adapters, in the order of the sum.
  public let parts: [Part]
  /// Whether the files are still those that the merge wrote.
  public let isUnchanged: Bool
  /// The tensors that the merge computed and that are others now, or gone.
  public let changedTensors: [TensorName]
  /// The record of the merge; nil where it was not made in this repository.
  public let record: MergeRecord?
}

extension Repository {
  /// What is in a merged model's directory, by its receipt. The files are held to the receipt by
  /// their digests; that the receipt tells the truth of the adapters is what `verify` proves.
  public func mergedModel(
    at path: Path, holding contents: BaseContents
  ) throws(HistoryError) -> MergedModel {
    let receipt: MergeReceipt
    do { receipt = try MergeReceipt(of: path) } catch { throw .adapter(error) }
    let places = try places(ofContents: Set(receipt.adapters.map(\.id)))
    return MergedModel(
      merged: receipt.mergedID, base: receipt.baseID, baseName: try name(ofBase: receipt.baseID),
      parts: receipt.adapters.map {
        MergedModel.Part(
          content: $0.id, weight: $0.weight, path: $0.path, places: places[$0.id] ?? [])
      },
      isUnchanged: contents.checkpoint == receipt.mergedID,
      changedTensors: receipt.tensors.filter { contents.tensors[$0.name] != $0.after }
        .map(\.name).sorted { $0.text < $1.text },
      record: try merge(of: receipt.mergedID))
  }
}
