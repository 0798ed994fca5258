internal import Files
internal import Glibc
internal import Parallel
internal import Storage

/// How fast is a store?
struct StoreQuestion: Question {
  let name = "store"
  let text =
    "10 checkpoints of 32 MiB of bf16, put one by one and read back; a core's rate beside BLAKE3's"

  func answer() {
    let folder = Path("/tmp/adapterctl-bench-\(getpid())")
    defer { try? folder.removeTree() }
    do {
      try folder.createDirectories()
      let series = Series(count: 10)
      let hashing = series.hashingRate
      for count in [1, 2] {
        for isWarm in [true, false] {
          let store = folder.appending("\(count)-\(isWarm)")
          let run = try SeriesRun(series, in: store, workers: Workers(count: count), isWarm: isWarm)
          run.report(hashing: hashing, copying: Limits.copying(32 << 20) / 2)
        }
      }
      try manyCommits(in: folder.appending("many"))
    } catch { print("  failed: \(error)") }
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
}
