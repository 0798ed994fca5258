internal import Adapters
internal import Digests
internal import Files
internal import Glibc
internal import History
internal import Parallel
internal import Storage
internal import Tensors

/// How fast is a base registered, and proved to be the same again?
struct BaseQuestion: Question {
  let name = "base"
  let text =
    "digests of a model of 512 MiB in 64 tensors, files cached; limit: BLAKE3 of 1 MiB per thread"

  func answer() {
    let folder = Path("/tmp/adapterctl-bench-\(getpid())")
    defer { try? folder.removeTree() }
    do {
      let path = try model(in: folder)
      let model = try Checkpoint(opening: path)
      for count in [1, 2] {
        let execution = Execution(workers: Workers(count: count))
        let seconds = Measurement.seconds {
          _ = try? TensorDigests.ids(of: model.shards, execution: execution)
        }
        Measurement.report(
          "\(count) threads", Double(model.payloadByteCount) / seconds / 1e9,
          of: Double(count) * hashing(), "GB/s")
      }
      try again(path, in: folder.appending("repository"))
    } catch { print("  failed: \(error)") }
  }

  /// How long an unchanged base takes, with all that a command opens.
  private func again(_ path: Path, in folder: Path) throws {
    let act = Act(actor: "bench", command: "bench", time: Timestamp(seconds: 0))
    let repository = try Repository.create(at: folder, act: act).repository
    // Long after the files were written: they count as settled.
    let now = Timestamp(seconds: 4_000_000_000)
    let contents = try BaseContents(
      of: try Checkpoint(opening: path), cache: DigestCache(repository, now: now))
    _ = try repository.register(contents, as: "model", at: path, act: act)
    let seconds = Measurement.seconds {
      guard let repository = try? Repository(around: folder) else { return }
      _ = try? repository.openBase(named: "model", cache: DigestCache(repository, now: now))
    }
    print("  unchanged base: \(Int(seconds * 1e6)) µs")
  }

  /// BLAKE3 of one thread, in 10⁹ bytes a second.
  private func hashing() -> Double {
    let bytes = [UInt8](repeating: 7, count: 1 << 20)
    let seconds = Measurement.seconds { _ = BLAKE3.digest(of: bytes) }
    return Double(bytes.count) / seconds / 1e9
  }

  private func model(in folder: Path) throws -> Path {
    let path = folder.appending("model")
    try path.createDirectories()
    guard let shape = Shape([2048, 2048]) else { return path }
    let names = (0..<64).map { TensorName("layers.\($0).weight") }
    let header = SafetensorsHeader(
      names.map { .init(name: $0, dtype: .bf16, shape: shape) }, metadata: [])
    let file = try FileWriter(creating: path.appending("model.safetensors"))
    try file.write(header.bytes, at: 0)
    for (number, tensor) in header.tensors.enumerated() {
      let bytes = [UInt8](repeating: UInt8(number), count: tensor.byteCount)
      try file.write(bytes, at: tensor.byteOffset)
    }
    return path
  }
}
