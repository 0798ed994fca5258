internal import Adapters
internal import JSON
internal import Tensors

/// What reading all values found, as `inspect` adds it to what it shows.
extension ValueCheck {
  /// Whether something is wrong.
  var hasFindings: Bool { !notFinite.isEmpty || !zero.isEmpty }

  var lines: [String] {
    var lines = notFinite.map {
      Terminal.escaped("not finite: \($0.name) has \($0.count) values that are NaN or infinite")
    }
    lines += zero.map { Terminal.escaped("all zero: \($0)") }
    return lines.isEmpty ? ["values: all finite, no tensor of zeros"] : lines
  }

  func add(to json: inout JSONValue) {
    json.set(
      "not_finite",
      to: .array(notFinite.map { ["tensor": .string($0.name.text), "count": .integer($0.count)] }))
    json.set("all_zero", to: .array(zero.map { .string($0.text) }))
  }
}
