import Compute
import Files
import JSON
import Parallel
import Tensors
import TestSupport

@testable import Adapters

extension MadeFolder {
  /// Writes a file of tensors with values.
  @discardableResult
  func write(_ tensors: [FilledTensor], to name: String) throws -> Path {
    let file = path.appending(name)
    try file.parent.createDirectories()
    try FileWriter.write(FilledTensor.safetensors(tensors), creating: file)
    return file
  }

  /// Writes and opens a base of Llama's type, with a side file.
  func base(
    _ tensors: [FilledTensor],
    config: String = #"{"model_type": "llama"}"#,
    named name: String = "base"
  ) throws -> Checkpoint {
    try write(tensors, to: "\(name)/model.safetensors")
    try write(config, to: "\(name)/config.json")
    try write("a tokenizer", to: "\(name)/tokenizer.json")
    return try Checkpoint(opening: path.appending(name))
  }

  /// Writes and opens an adapter of rank 4 and alpha 8; `settings` complete its configuration.
  func adapter(
    _ tensors: [FilledTensor],
    settings: [String] = [],
    named name: String = "adapter"
  ) throws -> Adapter {
    var fields = [#""peft_type": "LORA""#, #""base_model_name_or_path": "base""#] + settings
    if !settings.contains(where: { $0.hasPrefix(#""r""#) }) {
      fields += [#""r": 4"#, #""lora_alpha": 8"#]
    }
    try write("{\(fields.joined(separator: ", "))}", to: "\(name)/adapter_config.json")
    try write(tensors, to: "\(name)/adapter_model.safetensors")
    return try Adapter(opening: path.appending(name))
  }

  /// Merges, takes the adapters out again, and compares the restored files with the base's.
  ///
  /// Everything is written anew under `name`; what differs is in the result.
  func roundTrip(
    _ base: Checkpoint,
    _ adapters: [WeightedAdapter],
    _ options: MergeOptions = MergeOptions(),
    named name: String = "trip"
  ) throws -> RoundTrip {
    let plan = try MergePlan(base: base, adapters: adapters, options: options)
    let (merged, restored) = (path.appending("\(name)-merged"), path.appending("\(name)-restored"))
    let report = try plan.write(to: merged, tool: "test", execution: .small)
    let undo = try UnmergePlan(
      merged: try Checkpoint(opening: merged),
      adapters: adapters.map(\.adapter),
      execution: .small
    )
    let undone = try undo.write(to: restored, execution: .small)
    return RoundTrip(
      base: base.path,
      merged: merged,
      restored: restored,
      report: report,
      undone: undone
    )
  }
}

/// A merge and what came back of it.
struct RoundTrip {
  let base: Path
  let merged: Path
  let restored: Path
  let report: MergeReport
  let undone: UnmergeReport

  /// The files in which restored and base differ, and whether the unmerge noticed.
  func differences() throws -> [String] {
    let names = try DirectoryContents(restored).differences(from: DirectoryContents(base))
    return undone.isExact && undone.isPublished ? names : names + ["not exact"]
  }
}

extension Execution {
  /// Two threads, as tests that share a machine should have.
  static let small = Execution(workers: Workers(count: 2))
}

extension FilledTensor {
  /// The factors of a linear layer, `[rank, in]` and `[out, rank]`, whose product times the scaling
  /// 2 of `MadeFolder.adapter` has about the given deviation.
  static func factors(
    _ module: String,
    rank: Int = 4,
    out: Int,
    in count: Int,
    dtype: DType = .f32,
    deviation: Float,
    seed: UInt64
  ) -> [FilledTensor] {
    let each = (deviation / 2 / Float(rank).squareRoot()).squareRoot()
    return [
      FilledTensor(
        "base_model.model.\(module).lora_A.weight",
        [rank, count],
        dtype,
        deviation: each,
        seed: seed
      ),
      FilledTensor(
        "base_model.model.\(module).lora_B.weight",
        [out, rank],
        dtype,
        deviation: each,
        seed: seed + 1
      ),
    ]
  }

  /// DoRA's magnitudes: positive and around the norm of a row of `count` elements.
  static func magnitude(
    _ module: String,
    _ rows: Int,
    norm: Float,
    seed: UInt64
  ) -> FilledTensor {
    var generator = SeededGenerator(seed: seed)
    return FilledTensor(
      "base_model.model.\(module).lora_magnitude_vector",
      [rows],
      values: (0..<rows).map { _ in norm * (1 + 0.1 * generator.bell()) }
    )
  }
}
