internal import JSON

/// Settings, as they are shown.
struct ConfigOutput: CommandOutput {
  let values: [String: String]
  var isSingle = false
  /// A setting that was removed.
  var unset: String?

  private var sorted: [(key: String, value: String)] { values.sorted { $0.key < $1.key } }

  func text(verbose: Bool) -> [String] {
    sorted.map { Terminal.escaped(isSingle ? $0.value : "\($0.key)=\($0.value)") }
  }

  var json: JSONValue {
    [
      "schema": "adapterctl.config/1",
      "settings": .object(sorted.map { .init($0.key, .string($0.value)) }),
      "unset": unset.map { .string($0) } ?? .null,
    ]
  }
}
