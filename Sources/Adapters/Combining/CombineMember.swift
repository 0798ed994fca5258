public import Digests
internal import Tensors

/// An adapter that is combined with others.
public struct CombineMember: Sendable {
  /// The adapter.
  public let adapter: Adapter
  /// The factor in front of its delta.
  public let weight: Double
  /// What it holds, by content (`Adapter.id`): what random masks depend on.
  public let id: Digest
  /// The ids of its tensors, which tell equal ones.
  let tensorIDs: [TensorName: TensorID]

  /// An adapter with its weight; reads all its tensors once.
  public init(
    _ weighted: WeightedAdapter, execution: Execution = Execution()
  ) throws(AdapterError) {
    adapter = weighted.adapter
    weight = weighted.weight
    let ids = try TensorDigests.ids(of: [adapter.file], execution: execution)
    tensorIDs = Dictionary(
      zip(adapter.file.tensors.map(\.name), ids[0]), uniquingKeysWith: { first, _ in first })
    id = adapter.id(ofTensors: tensorIDs)
  }

  /// Whether two tensors of members have the same type, extents and bytes.
  func hasSame(_ tensor: StoredTensor, as other: CombineMember, _ otherTensor: StoredTensor)
    -> Bool
  {
    tensorIDs[tensor.name] == other.tensorIDs[otherTensor.name]
  }
}
