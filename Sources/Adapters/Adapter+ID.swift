internal import Compute
public import Digests
public import Tensors

extension Adapter {
  /// What the adapter holds, by content: the ids of its tensors under their names, and the digest
  /// of its configuration's bytes. Neither its path nor the file around the tensors takes part.
  ///
  /// BLAKE3("adapterctl" ‖ 0x00 ‖ "adapter" ‖ 0x00 ‖ u64le(payload's byte count) ‖ payload), where
  /// the payload is the 32 bytes of the tensors' checkpoint id and the 32 bytes of the plain BLAKE3
  /// digest of the configuration.
  public func id(execution: Execution = Execution()) throws(AdapterError) -> Digest {
    let ids = try TensorDigests.ids(of: [file], execution: execution.silent)
    let tensors = Dictionary(
      zip(file.tensors.map(\.name), ids[0]), uniquingKeysWith: { first, _ in first })
    return id(ofTensors: tensors)
  }

  /// The same from the ids of all its tensors, where they are known.
  public func id(ofTensors tensors: [TensorName: TensorID]) -> Digest {
    var payload = CanonicalBytes()
    payload.append(CheckpointID(tensors).digest)
    payload.append(BLAKE3.digest(of: configBytes))
    return payload.digest(as: "adapter")
  }
}

extension Execution {
  /// The same without progress, for work that is not counted.
  fileprivate var silent: Execution {
    var execution = self
    execution.progress = { _ in }
    return execution
  }
}
