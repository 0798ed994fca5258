internal import Archives
public import Files

/// Writes a dictionary of tensors as `torch.save` does since PyTorch 1.6: a zip, nothing compressed.
public enum TorchFileWriter {
  /// Writes the entries in their order to a file that must not exist yet, and syncs it; `content`
  /// gives the little-endian elements of an entry by its number.
  ///
  /// The entries' types are float64, float32, float16 and bfloat16.
  public static func write<Failure: Error>(
    _ entries: [SafetensorsHeader.Entry], creating path: Path,
    content: (Int) throws(Failure) -> [UInt8]
  ) throws {
    guard let pickle = TorchPickle(entries) else {
      preconditionFailure("the types of the entries are PyTorch's")
    }
    let file = try FileWriter(creating: path)
    let writer = try ArchiveWriter(file, format: .zip)
    func add(_ name: String, _ bytes: [UInt8]) throws {
      guard let member = MemberName("archive/" + name) else {
        preconditionFailure("the names of members are ours")
      }
      try writer.addFile(member, byteCount: bytes.count, modified: 0)
      try writer.append(bytes)
    }
    try add("data.pkl", pickle.bytes)
    try add("byteorder", Array("little".utf8))
    for number in entries.indices { try add("data/\(number)", try content(number)) }
    try add("version", Array("3\n".utf8))
    try writer.finish()
    try file.sync()
  }
}
