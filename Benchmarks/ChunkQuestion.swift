internal import Files
internal import Glibc
internal import Storage
internal import Tensors

/// How small and how fast are stored chunks?
///
/// Sizes are fractions of the bytes. The series of real checkpoints are read from
/// `$ADAPTERCTL_SHARED_FIXTURES/real/series`, or left out.
struct ChunkQuestion: Question {
  let name = "chunk"
  let text =
    "stored size of weights, alone and against a parent; rate; limit: memcpy's reading side"

  func answer() {
    for (label, scale) in [("1e-4", 1e-4), ("1e-3", 1e-3), ("1e-2", 1e-2), ("0.1", 0.1)] {
      let parent = Self.gaussian(seed: 1)
      let base = Self.bfloat16(parent)
      measure("bf16, +\(label)", .bfloat16, Self.bfloat16(Self.moved(base, by: Float(scale))), base)
    }
    let numbers = Self.gaussian(seed: 1)
    let next = zip(numbers, Self.gaussian(seed: 99)).map { $0 + $1 * 1e-2 }
    measure("f32, +1e-2", .binary32, Self.binary32(next), Self.binary32(numbers))
    let coarse = Self.bfloat16(numbers)
    measure("f32 that is bf16", .binary32, Self.widened(coarse), nil)
    for series in Self.series { measure(series) }
  }

  /// One chunk of a mebibyte.
  private func measure(
    _ label: String,
    _ layout: ElementLayout,
    _ chunk: [UInt8],
    _ parent: [UInt8]?
  ) {
    let codec = ChunkCodec()
    let limit = Limits.copying(chunk.count) / 2
    for parent in parent.map({ [nil, $0] }) ?? [nil] {
      let encoded = codec.encode(chunk, layout: layout, parent: parent)
      let encoding = Measurement.seconds { _ = codec.encode(chunk, layout: layout, parent: parent) }
      let decoding = Measurement.seconds {
        _ = try? codec.decode(encoded, byteCount: chunk.count, parent: parent)
      }
      let rest = parent == nil ? "alone" : "against parent"
      let size = Double(encoded.body.count) / Double(chunk.count)
      let bytes = Double(chunk.count) / 1e9
      Measurement.report(
        "\(label) \(rest): \(Self.text(size)), encode",
        bytes / encoding,
        of: limit,
        "GB/s"
      )
      Measurement.report(
        "\(label) \(rest): \(Self.text(size)), decode",
        bytes / decoding,
        of: limit,
        "GB/s"
      )
    }
  }

  /// A series of checkpoints: every tensor against the one of the same name before.
  private func measure(_ series: (name: String, files: [Path])) {
    let codec = ChunkCodec()
    var before: [TensorName: [UInt8]] = [:]
    var roundedBefore: [TensorName: [UInt8]] = [:]
    for path in series.files {
      guard let file = try? TensorFile(opening: path) else { continue }
      var sizes = [0, 0, 0, 0, 0, 0]
      var next: [TensorName: [UInt8]] = [:]
      var roundedNext: [TensorName: [UInt8]] = [:]
      for tensor in file.tensors where tensor.dtype == .f32 {
        guard let bytes = try? file.bytes(of: tensor) else { continue }
        let rounded = Self.rounded(bytes)
        sizes[0] += bytes.count
        sizes[1] += size(codec, .binary32, bytes, nil)
        sizes[2] += size(codec, .binary32, bytes, before[tensor.name])
        sizes[3] += size(codec, .bfloat16, rounded, nil)
        sizes[4] += size(codec, .bfloat16, rounded, roundedBefore[tensor.name])
        if let parent = before[tensor.name], parent.count == bytes.count {
          sizes[5] += size(codec, .words32, zip(bytes, parent).map { $0 ^ $1 }, nil)
        }
        next[tensor.name] = bytes
        roundedNext[tensor.name] = rounded
      }
      let total = Double(sizes[0])
      print(
        "  \(series.name) \(path.parent.name)/\(path.name): f32 alone",
        Self.text(Double(sizes[1]) / total),
        "parent",
        Self.text(Double(sizes[2]) / total),
        "xor",
        Self.text(Double(sizes[5]) / total),
        "; bf16 alone",
        Self.text(Double(2 * sizes[3]) / total),
        "parent",
        Self.text(Double(2 * sizes[4]) / total)
      )
      before = next
      roundedBefore = roundedNext
    }
  }

  private func size(
    _ codec: ChunkCodec,
    _ layout: ElementLayout,
    _ bytes: [UInt8],
    _ parent: [UInt8]?
  ) -> Int {
    stride(from: 0, to: bytes.count, by: ChunkCodec.maximumByteCount).reduce(0) { sum, start in
      let range = start..<min(bytes.count, start + ChunkCodec.maximumByteCount)
      let encoded = codec.encode(
        Array(bytes[range]),
        layout: layout,
        parent: parent.map { Array($0[range]) }
      )
      return sum + encoded.body.count
    }
  }

  private static var series: [(name: String, files: [Path])] {
    guard let variable = unsafe getenv("ADAPTERCTL_SHARED_FIXTURES") else { return [] }
    let root = unsafe Path(String(cString: variable)).appending("real/series")
    func numbered(_ name: String, _ folder: String, _ steps: [Int]) -> (String, [Path]) {
      let results = root.appending(name).appending(folder)
      return (
        name,
        steps.map { results.appending("checkpoint-\($0)/adapter_model.safetensors") }
      )
    }
    let mlx = root.appending("wyek1n-mlx-qwen2.5-0.5b/adapters")
    return [
      numbered(
        "paulohenriquecrs-roberta-pt",
        "results",
        [500, 1000, 1500, 2000, 8000, 8500, 8610]
      ),
      numbered("aguleon-roberta-agnews", "results", [500, 1000, 1200]),
      (
        "wyek1n-mlx-qwen2.5-0.5b",
        ["0000100_adapters", "0000200_adapters", "adapters"].map {
          mlx.appending("\($0).safetensors")
        }
      ),
    ]
  }

  /// 2^19 numbers of a normal distribution with deviation 0.02.
  private static func gaussian(seed: UInt64) -> [Float] {
    normal(Samples.floats(1 << 20, seed: seed)).map { $0 * 0.02 }
  }

  /// bfloat16 weights, moved by `scale` of their deviation, before they are rounded again.
  private static func moved(_ base: [UInt8], by scale: Float) -> [Float] {
    gaussian(seed: 99).enumerated().map { index, change in
      let bits = UInt32(base[2 * index]) | UInt32(base[2 * index + 1]) << 8
      return Float(bitPattern: bits << 16) + change * scale
    }
  }

  /// Box and Muller's transform of pairs.
  private static func normal(_ uniform: [Float]) -> [Float] {
    stride(from: 0, to: uniform.count, by: 2).map {
      let radius = (-2 * log(Double(max(abs(uniform[$0]), 1e-9)))).squareRoot()
      return Float(radius * cos(Double(uniform[$0 + 1]) * .pi))
    }
  }

  private static func bfloat16(_ numbers: [Float]) -> [UInt8] { rounded(binary32All(numbers)) }

  private static func binary32(_ numbers: [Float]) -> [UInt8] {
    Array(binary32All(numbers).prefix(1 << 20))
  }

  private static func binary32All(_ numbers: [Float]) -> [UInt8] {
    numbers.flatMap { number in
      (0..<4).map { UInt8(truncatingIfNeeded: number.bitPattern >> (8 * UInt32($0))) }
    }
  }

  /// binary32 rounded to bfloat16.
  private static func rounded(_ bytes: [UInt8]) -> [UInt8] {
    stride(from: 0, to: bytes.count, by: 4).flatMap { index -> [UInt8] in
      var bits: UInt32 = 0
      for byte in 0..<4 { bits |= UInt32(bytes[index + byte]) << (8 * UInt32(byte)) }
      let short = (bits + 0x7FFF + (bits >> 16 & 1)) >> 16
      return [UInt8(truncatingIfNeeded: short), UInt8(truncatingIfNeeded: short >> 8)]
    }
  }

  private static func widened(_ bytes: [UInt8]) -> [UInt8] {
    stride(from: 0, to: bytes.count, by: 2).flatMap { [0, 0, bytes[$0], bytes[$0 + 1]] }
      .prefix(1 << 20).map { $0 }
  }

  private static func text(_ fraction: Double) -> String {
    let digits = String(Int((fraction * 10000).rounded()))
    return "0." + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }
}
