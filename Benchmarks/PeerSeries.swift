internal import Files

/// Made-up checkpoints of an adapter in training, as safetensors files: bfloat16 weights of a normal
/// distribution, which move less with every step.
enum PeerSeries {
  private static let tensorCount = 32
  /// Numbers in one tensor, 1 MiB of them.
  private static let elementCount = 1 << 19

  /// Writes so many files of 32 MiB, `step-000.safetensors` and on; the same in every run.
  static func write(to folder: Path, count: Int) throws {
    try folder.createDirectories()
    // As trained: in single precision, rounded for each file.
    var weights = (0..<tensorCount).map { Samples.normal(elementCount, seed: UInt64($0)) }
    for step in 0..<count {
      let size = 0.1 / Float(step + 1)
      for tensor in weights.indices {
        let moves = Samples.normal(elementCount, seed: UInt64(1000 + tensorCount * step + tensor))
        for index in moves.indices { weights[tensor][index] += size * moves[index] }
      }
      let digits = String(step)
      let name = "step-" + String(repeating: "0", count: 3 - digits.utf8.count) + digits
      let writer = try FileWriter(creating: folder.appending("\(name).safetensors"))
      var offset = header.count
      try writer.write(header, at: 0)
      for tensor in weights {
        try writer.write(Series.bfloat16(tensor[...]), at: offset)
        offset += 2 * elementCount
      }
    }
  }

  private static var header: [UInt8] {
    let entries = (0..<tensorCount).map { tensor in
      let start = tensor * 2 * elementCount
      return
        "\"layers.\(tensor).weight\":{\"dtype\":\"BF16\",\"shape\":[\(elementCount / 1024),1024],"
        + "\"data_offsets\":[\(start),\(start + 2 * elementCount)]}"
    }
    var text = "{" + entries.joined(separator: ",") + "}"
    text += String(repeating: " ", count: (8 - text.utf8.count % 8) % 8)
    let count = UInt64(text.utf8.count)
    return (0..<8).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) } + Array(text.utf8)
  }
}
