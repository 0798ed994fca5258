internal import Digests
internal import Files
internal import Parallel
internal import Storage

/// A series that was put into a store, each checkpoint against the one before, and read back.
struct SeriesRun {
  private let label: String
  private let byteCount: Int
  private let storedByteCount: Int
  private var putting = Effort()
  private var getting = Effort()

  /// Runs. A warm store lives as long as the series; a cold one is opened for every single
  /// checkpoint, as by a command of its own, so that parents are decoded with their chains.
  init(_ series: Series, in path: Path, workers: Workers, isWarm: Bool) throws {
    var store = try ObjectStore.create(at: path)
    let now = Timestamp(seconds: 0)
    var before: [Digest] = []
    var checkpoints: [[Digest]] = []
    for chunks in series.steps {
      if !isWarm { store = try ObjectStore(opening: path) }
      var digests: [Digest] = []
      try putting.measure {
        let transaction = try store.begin(at: now)
        for start in stride(from: 0, to: chunks.count, by: 16) {
          digests += try transaction.put(
            (start..<min(chunks.count, start + 16)).map { index in
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
      before = digests
      checkpoints.append(digests)
    }
    for (digests, chunks) in zip(checkpoints, series.steps) {
      if !isWarm { store = try ObjectStore(opening: path) }
      try getting.measure {
        try store.chunks(digests, workers: workers) { (index, chunk) throws(StorageError) in
          guard chunk.count == chunks[index].count else { throw .wrongContent(digests[index]) }
        }
      }
    }
    label = "\(workers.count) \(isWarm ? "warm" : "cold")"
    byteCount = series.byteCount
    var stored = 0
    for name in try path.appending("packs").entryNames() {
      if case .file(let count) = path.appending("packs").appending(name).kind { stored += count }
    }
    storedByteCount = stored
  }

  /// Prints rates: by the clock, and for each second of a core beside what it hashes and copies.
  func report(hashing: Double, copying: Double) {
    print("  \(label): \(storedByteCount * 1000 / byteCount) thousandths of the bytes")
    for (word, effort) in [("put", putting), ("get", getting)] {
      let rate = Int(Double(byteCount) / effort.seconds / 1e6)
      let core = Double(byteCount) / effort.coreSeconds / 1e6
      Measurement.report("\(label) \(word), \(rate) MB/s, a core", core, of: hashing * 1e3, "MB/s")
      let share = Int(1000 * core / 1e3 / copying)
      print("    \(share) thousandths of memcpy")
    }
  }
}
