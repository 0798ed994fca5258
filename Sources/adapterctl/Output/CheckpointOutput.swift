internal import Adapters
internal import Files
internal import JSON
internal import Tensors

/// What a model is made of, as it is shown.
struct CheckpointOutput: CommandOutput {
  let checkpoint: Checkpoint
  /// What the user knows it by.
  let name: String
  var check: ValueCheck?

  func text(verbose: Bool) -> [String] {
    var lines = [
      "model       \(name)",
      "kind        \(checkpoint.config?["model_type"]?.string ?? "unknown, no config.json")",
      "parameters  \(Numbers.grouped(parameterCount)) in "
        + "\(Numbers.count(checkpoint.tensorCount, "tensor")), "
        + Numbers.bytes(checkpoint.payloadByteCount),
      "files       "
        + checkpoint.shards.map { "\($0.reader.path.name) (\($0.format.rawValue))" }
        .joined(separator: ", "),
    ].map(Terminal.escaped)
    var table = TextTable(header: ["type", "tensors", "parameters"])
    for (dtype, tensors) in byType {
      table.add(
        [
          dtype.rawValue, Numbers.grouped(tensors.count),
          Numbers.grouped(tensors.reduce(0) { $0 + $1.shape.elementCount }),
        ])
    }
    lines += table.lines
    if verbose {
      var table = TextTable(header: ["tensor", "type", "shape"])
      for info in all { table.add([info.name.text, info.dtype.rawValue, info.shape.description]) }
      lines += table.lines
    }
    return lines + (check?.lines ?? [])
  }

  private var all: [TensorInfo] { checkpoint.shards.flatMap(\.tensors) }
  private var parameterCount: Int { all.reduce(0) { $0 + $1.shape.elementCount } }
  private var byType: [(key: DType, value: [TensorInfo])] {
    Dictionary(grouping: all, by: \.dtype).sorted { $0.key.rawValue < $1.key.rawValue }
  }

  var json: JSONValue {
    var json: JSONValue = [
      "schema": "adapterctl.inspect/1", "kind": "model",
      "path": .string(name),
      "model_type": checkpoint.config?["model_type"]?.string.map { .string($0) } ?? .null,
      "parameters": .integer(parameterCount), "bytes": .integer(checkpoint.payloadByteCount),
      "tensors": .integer(checkpoint.tensorCount),
      "files": .array(
        checkpoint.shards.map { file in
          [
            "file": .string(file.reader.path.name), "container": .string(file.format.rawValue),
            "bytes": .integer(file.reader.byteCount), "tensors": .integer(file.tensors.count),
          ]
        }),
      "dtypes": .object(byType.map { .init($0.key.rawValue, .integer($0.value.count)) }),
    ]
    check?.add(to: &json)
    return json
  }
}
