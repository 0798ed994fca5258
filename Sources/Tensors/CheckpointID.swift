public import Digests

/// What a checkpoint holds, by content: the names of its tensors and what is in them. Neither the
/// shards, nor the order inside them, nor the files' metadata take part.
///
/// BLAKE3("adapterctl" ‖ 0x00 ‖ "checkpoint" ‖ 0x00 ‖ u64le(payload's byte count) ‖ payload), where
/// the payload is, for each tensor in the order of its name's UTF-8 bytes: u32le(the name's byte
/// count), the name in UTF-8, and the 32 bytes of the tensor's id.
public struct CheckpointID: Hashable, Sendable, CustomStringConvertible {
  /// The 32 bytes of the id.
  public let digest: Digest

  /// An id read from where one was written.
  public init(_ digest: Digest) { self.digest = digest }

  /// The id of the checkpoint that has these tensors.
  public init(_ tensors: [TensorName: TensorID]) {
    var payload = CanonicalBytes()
    let sorted = tensors.sorted { left, right in
      left.key.text.utf8.lexicographicallyPrecedes(right.key.text.utf8)
    }
    for (name, id) in sorted {
      payload.append(UInt32(name.text.utf8.count))
      payload.append(name.text)
      payload.append(id.digest)
    }
    digest = payload.digest(as: "checkpoint")
  }

  /// `b3:` and 64 hexadecimal digits.
  public var description: String { digest.description }
}
