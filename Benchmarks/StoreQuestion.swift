internal import Digests
internal import Files
internal import Glibc
internal import Parallel
internal import Storage

/// How fast is a store?
struct StoreQuestion: Question {
  let name = "store"
  let text =
    "a series of 10 steps of 32 MiB of bf16, put and read back; limit: memcpy's reading side"

  func answer() {
    let folder = Path("/tmp/adapterctl-bench-\(getpid())")
    defer { try? folder.removeTree() }
    do {
      try folder.createDirectories()
      for count in [1, 2] {
        try series(in: folder.appending("\(count)"), workers: Workers(count: count))
      }
      try manyCommits(in: folder.appending("many"))
    } catch { print("  failed: \(error)") }
  }

  private func series(in path: Path, workers: Workers) throws {
    let store = try ObjectStore.create(at: path)
    let clock = ContinuousClock()
    let now = Timestamp(seconds: 0)
    let limit = Limits.copying(32 << 20) / 2
    var putting = Duration.zero
    var getting = Duration.zero
    var byteCount = 0
    var before: [Digest] = []
    var weights = (0..<4).map { Samples.floats(1 << 22, seed: $0, scale: 0.02) }.joined()
      .map { $0 * $0 * $0 * 125_000 / 50 }
    for step in 0..<10 {
      let moves = Samples.floats(1 << 16, seed: UInt64(100 + step), scale: 2e-4)
      for index in weights.indices { weights[index] += moves[index & 0xFFFF] }
      let chunks = stride(from: 0, to: weights.count, by: 1 << 19).map {
        Self.bfloat16(weights[$0..<$0 + 1 << 19])
      }
      var digests: [Digest] = []
      putting += try clock.measure {
        let transaction = try store.begin(at: now)
        for start in stride(from: 0, to: chunks.count, by: 8) {
          digests += try transaction.put(
            (start..<start + 8).map { index in
              ChunkInput(
                chunks[index],
                layout: .bfloat16,
                parent: before.isEmpty ? nil : before[index]
              )
            },
            workers: workers
          )
        }
        _ = try transaction.commit([], at: now)
      }
      let ids = digests
      getting += try clock.measure {
        try workers.perform(jobs: ids.count, scratch: { ChunkCodec() }) {
          (job, codec) throws(StorageError) in
          guard try store.chunk(ids[job], using: codec) == chunks[job] else { return }
        }
      }
      byteCount += 32 << 20
      before = digests
    }
    var stored = 0
    for name in try path.appending("packs").entryNames() {
      if case .file(let count) = path.appending("packs").appending(name).kind { stored += count }
    }
    let label = "\(workers.count) threads"
    print("  \(label): \(stored * 1000 / byteCount) thousandths of the bytes")
    Measurement.report(
      "\(label) put",
      Double(byteCount) / (putting / .seconds(1)) / 1e6,
      of: limit * 1e3,
      "MB/s"
    )
    Measurement.report(
      "\(label) get",
      Double(byteCount) / (getting / .seconds(1)) / 1e6,
      of: limit * 1e3,
      "MB/s"
    )
  }

  /// Small commits, as many as a project has.
  private func manyCommits(in path: Path) throws {
    let store = try ObjectStore.create(at: path)
    let clock = ContinuousClock()
    guard let kind = ObjectKind("note") else { return }
    let main = try RefName("refs/heads/main")
    var old: RefValue?
    let writing = try clock.measure {
      for step in 0..<500 {
        let now = Timestamp(seconds: step)
        let transaction = try store.begin(at: now)
        let id = try transaction.put(StoredObject(kind: kind, payload: Array("step \(step)".utf8)))
        _ = try transaction.commit([RefUpdate(main, from: old, to: .object(id))], at: now)
        old = .object(id)
      }
    }
    let opening = Measurement.seconds {
      guard let again = try? ObjectStore(opening: path), let id = try? again.log.object(of: main)
      else { return }
      _ = try? again.object(id)
    }
    print("  500 commits: \(writing / 500) each; open, resolve, read: \(Int(opening * 1e6)) µs")
  }

  private static func bfloat16(_ numbers: ArraySlice<Float>) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 2 * numbers.count)
    for (index, number) in numbers.enumerated() {
      let short = (number.bitPattern + 0x7FFF + (number.bitPattern >> 16 & 1)) >> 16
      bytes[2 * index] = UInt8(truncatingIfNeeded: short)
      bytes[2 * index + 1] = UInt8(truncatingIfNeeded: short >> 8)
    }
    return bytes
  }
}
