internal import Files
internal import JSON

/// What `trainer_state.json` says of a run: transformers' record of losses and metrics.
struct TrainerState {
  private let entries: [JSONValue]

  /// The state beside a checkpoint; empty where there is none, or where it is not readable as one.
  init(of folder: Path) throws(HistoryError) {
    let path = folder.appending("trainer_state.json")
    guard path.isFile else {
      entries = []
      return
    }
    let bytes: [UInt8]
    do { bytes = try FileReader.contents(of: path, limit: 64 << 20) } catch { throw .file(error) }
    entries = (try? JSONValue(parsing: bytes))?["log_history"]?.elements ?? []
  }

  /// The step, the epoch and all numbers that were logged at a step. What was logged less often, such
  /// as the training loss, is taken from the last entry before it.
  func metrics(at step: Int) -> [Trailer] {
    var metrics: [(key: String, value: String)] = [("Step", String(step))]
    var epoch: String?
    for entry in entries where entry["step"]?.integer ?? Int.max <= step {
      epoch = entry["epoch"].flatMap(Self.text) ?? epoch
      let isHere = entry["step"]?.integer == step
      for member in entry.members ?? [] where !Self.leftOut.contains(member.key) {
        guard isHere || member.key == "loss", let value = Self.text(member.value) else { continue }
        metrics.removeAll { $0.key == member.key }
        metrics.append((member.key, value))
      }
    }
    if let epoch { metrics.insert(("Epoch", epoch), at: 1) }
    return metrics.compactMap { Trailer(key: $0.key, value: $0.value) }
  }

  /// What is no result, or said elsewhere.
  private static let leftOut: Set<String> = [
    "step", "epoch", "learning_rate", "grad_norm", "total_flos", "train_runtime",
    "train_samples_per_second", "train_steps_per_second", "eval_runtime",
    "eval_samples_per_second", "eval_steps_per_second",
  ]

  private static func text(_ value: JSONValue) -> String? {
    switch value {
    case .integer(let integer): String(integer)
    case .number(let number): "\(number)"
    default: nil
    }
  }
}
