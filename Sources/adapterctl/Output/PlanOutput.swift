internal import Adapters
internal import Files
internal import JSON
internal import Tensors

/// A merge that would be, as `--dry-run` shows it.
struct PlanOutput: CommandOutput {
  let plan: MergePlan
  /// The base as the user named it.
  let base: String
  let memoryByteCount: Int

  func text(verbose: Bool) -> [String] {
    let touched = plan.touched
    var lines = [
      Terminal.escaped(
        "would merge \(plan.adapters.map(\.adapter.path.text).joined(separator: " + ")) into "
          + base),
      "  \(Numbers.count(touched.count, "tensor")) to change, "
        + "\(Numbers.count(plan.tensors.count - touched.count, "tensor")) to copy",
      "  \(Numbers.count(plan.layout.shards.count, "file")) of weights, "
        + "\(Numbers.bytes(plan.outputByteCount)) with "
        + Numbers.count(plan.copiedFiles.count, "side file"),
      "  at most \(Numbers.bytes(plan.neededByteCount)) of disk with the residual, about "
        + "\(Numbers.bytes(memoryByteCount)) of memory",
    ]
    if plan.editedConfig != nil { lines.append("  config.json will be brought up to date") }
    if verbose {
      var table = TextTable(header: ["tensor", "type", "shape", "from"])
      for tensor in touched {
        let targets = tensor.contributions.map { "\($0.update.target) (\($0.update.kind))" }
        table.add(
          [
            tensor.name.text, tensor.dtype.rawValue, tensor.shape.description,
            targets.joined(separator: " + "),
          ])
      }
      lines += table.lines
    }
    return lines
  }

  var json: JSONValue {
    [
      "schema": "adapterctl.merge-plan/1",
      "base": .string(OpenOperands.named(plan.base.path.text)),
      "adapters": .array(plan.adapters.map { .string($0.adapter.path.text) }),
      "output_bytes": .integer(plan.outputByteCount),
      "needed_bytes": .integer(plan.neededByteCount),
      "memory_bytes": .integer(memoryByteCount),
      "shards": .array(
        plan.layout.shards.map { shard in
          [
            "file": .string(shard.fileName), "bytes": .integer(shard.fileByteCount),
            "tensors": .integer(shard.tensors.count),
          ]
        }),
      "copied_tensors": .integer(plan.tensors.count - plan.touched.count),
      "tensors": .array(
        plan.touched.map { tensor in
          [
            "name": .string(tensor.name.text), "dtype": .string(tensor.dtype.rawValue),
            "shape": .array(tensor.shape.extents.map { .integer($0) }),
            "new": .bool(tensor.isNew),
            "updates": .array(
              tensor.contributions.map { contribution in
                [
                  "adapter": .integer(contribution.adapter),
                  "target": .string(contribution.update.target.description),
                  "change": .string(contribution.update.kind),
                  "weight": .number(contribution.weight),
                  "transposed": .bool(contribution.isTransposed),
                ]
              }),
          ]
        }),
      "unmatched": .array(plan.unmatched.map { .string($0.target.description) }),
      "notes": .array(plan.notes.map { .string($0) }),
    ]
  }
}
