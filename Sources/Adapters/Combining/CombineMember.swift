public import Digests
public import Tensors

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
  /// What it makes of a base, where it has updates that depend on one and a base is given.
  let effect: MemberEffect?

  /// An adapter with its weight; reads all its tensors once. With a base its extents are that base's,
  /// and updates that depend on it, DoRA's for one, are what they make of it.
  ///
  /// Throws where a value is unreadable, and where the adapter does not fit the base.
  public init(
    _ weighted: WeightedAdapter, base: Checkpoint? = nil, execution: Execution = Execution()
  ) throws(AdapterError) {
    weight = weighted.weight
    if let base {
      let base = try base.dequantised(form: execution.form)
      adapter = try weighted.adapter.closed(on: base, execution: execution)
      effect = try MemberEffect(of: adapter, at: base, execution: execution)
    } else {
      adapter = weighted.adapter
      effect = nil
    }
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
