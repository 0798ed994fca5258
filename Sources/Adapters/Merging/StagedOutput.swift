internal import Compute
internal import Files
internal import Parallel
internal import Tensors

/// A model directory being written: a staged directory whose refusals are those of this room. It is
/// discarded with its last owner unless it was published.
struct StagedOutput {
  private let directory: StagedDirectory
  private let replacing: Bool

  /// Stages `destination` after checking that it replaces nothing but another model or adapter, that none of
  /// the `inputs` lies in it, and that the disk has room for `needed` bytes.
  init(
    _ destination: Path, replacing: Bool, inputs: [Path], needed: Int
  ) throws(AdapterError) {
    self.replacing = replacing
    if destination.kind != nil {
      if !replacing { throw .file(.exists(destination)) }
      try Self.checkReplaceable(destination, inputs: inputs)
    }
    let free: Int
    do {
      directory = try StagedDirectory(for: destination, replacing: replacing)
      free = try directory.path.freeByteCount()
    } catch { throw .file(error) }
    guard needed <= free else { throw .diskBudget(destination, needed: needed, free: free) }
  }

  /// Throws unless what stands at a path is a model's directory, or empty, and holds no input.
  private static func checkReplaceable(
    _ destination: Path, inputs: [Path]
  ) throws(AdapterError) {
    let whole = destination.resolved.text
    for input in inputs.map(\.resolved.text) where input == whole || input.hasPrefix(whole + "/") {
      throw .outputIsInput(destination)
    }
    let names: [String]
    do { names = try destination.entryNames() } catch { throw .file(error) }
    let isModel = names.contains {
      $0 == MergeReceipt.fileName || $0.hasSuffix(".safetensors") || $0.hasSuffix(".gguf")
        || $0 == ConversionTarget.torchtune.fileName
    }
    guard names.isEmpty || isModel,
      names.allSatisfy({ !destination.appending($0).isDirectory })
    else { throw .notReplaceable(destination) }
  }

  /// Does the work on the output; what the file system refuses is named as the user knows it.
  func fill<Outcome>(
    _ work: () throws(AdapterError) -> Outcome
  ) throws(AdapterError) -> Outcome {
    do {
      return try work()
    } catch .file(let error) {
      throw .file(error.renaming(directory.path, to: directory.destination))
    } catch { throw error }
  }

  /// Where files are written until the output is published.
  var path: Path { directory.path }

  /// Creates the files of weights and writes their headers.
  func createShards(_ layout: CheckpointLayout) throws(AdapterError) -> [FileWriter] {
    var writers: [FileWriter] = []
    do {
      for shard in layout.shards {
        writers.append(try shard.create(at: path.appending(shard.fileName)))
      }
    } catch { throw .file(error) }
    return writers
  }

  /// Returns when all files of weights are on the disk.
  func sync(_ writers: [FileWriter], workers: Workers) throws(AdapterError) {
    try workers.perform(jobs: writers.count, scratch: {}) { number, _ throws(AdapterError) in
      do throws(FileError) { try writers[number].sync() } catch { throw .file(error) }
    }
  }

  /// Writes a small file.
  func write(_ bytes: [UInt8], to name: String) throws(AdapterError) {
    do { try FileWriter.write(bytes, creating: path.appending(name)) } catch { throw .file(error) }
  }

  /// Copies a side file.
  func copy(_ source: Path, to name: String) throws(AdapterError) {
    do { try FileWriter.copy(source, creating: path.appending(name)) } catch { throw .file(error) }
  }

  /// The size of a file that was written; 0 where there is none.
  func byteCount(of name: String) -> Int {
    guard case .file(let count) = path.appending(name).kind else { return 0 }
    return count
  }

  /// Gives the output its final name.
  func publish() throws(AdapterError) {
    do { try directory.publish(replacing: replacing) } catch { throw .file(error) }
  }
}
