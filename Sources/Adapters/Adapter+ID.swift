internal import Compute
public import Digests
internal import Files
internal import Parallel
public import Tensors

extension Adapter {
  /// What the adapter holds, by content: the ids of its tensors under their names, and the digest
  /// of its configuration's bytes. Neither its path nor the file around the tensors takes part.
  ///
  /// BLAKE3("adapterctl" ‖ 0x00 ‖ "adapter" ‖ 0x00 ‖ u64le(payload's byte count) ‖ payload), where
  /// the payload is the 32 bytes of the tensors' checkpoint id and the 32 bytes of the plain BLAKE3
  /// digest of the configuration.
  public func id(execution: Execution = Execution()) throws(AdapterError) -> Digest {
    let results = Results<TensorID>(count: file.tensors.count)
    try execution.workers.perform(jobs: file.tensors.count, scratch: {}) {
      number, _ throws(AdapterError) in
      try execution.interruption.check()
      results[number] = try StoredTensor(file.tensors[number], in: file).id()
    }
    let tensors = Dictionary(
      zip(file.tensors.map(\.name), results.values), uniquingKeysWith: { first, _ in first })
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

extension StoredTensor {
  /// The tensor's id, read a chunk at a time.
  func id() throws(AdapterError) -> TensorID {
    guard info.strides == nil else {
      let bytes: [UInt8]
      do { bytes = try file.bytes(of: info) } catch { throw .tensor(error) }
      return TensorID(dtype: dtype, shape: shape, bytes: bytes.span)
    }
    var chunks: [Digest] = []
    for start in stride(from: 0, to: info.byteCount, by: TensorID.chunkByteCount) {
      let count = min(TensorID.chunkByteCount, info.byteCount - start)
      do {
        chunks.append(
          BLAKE3.digest(of: try file.reader.bytes(at: info.byteOffset + start, count: count)))
      } catch { throw .file(error) }
    }
    return TensorID(dtype: dtype, shape: shape, chunks: chunks)
  }
}
