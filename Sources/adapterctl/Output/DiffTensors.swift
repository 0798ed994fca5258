internal import Adapters
internal import Compute
internal import JSON
internal import Tensors

/// The changed tensors of a comparison, one by one.
struct DiffTensors {
  let difference: TensorDifference
  let order: DifferenceOrder

  /// Tensors in the order that was asked for.
  func ordered(_ tensors: [TensorChange]) -> [TensorChange] {
    order.sorted(tensors) { order.key($0.norms, isOneSided: false) }
  }

  func lines(limit: Int) -> [String] {
    let rows = ordered(difference.changed)
    var table = TextTable(
      header: ["tensor", "state", "type", "shape", "‖old‖", "‖new‖", "‖new − old‖", "relative"])
    for row in rows.prefix(limit) {
      table.add(
        [
          row.name.text, row.state, row.pair { $0.dtype.rawValue },
          row.pair { $0.shape.extents.map(String.init).joined(separator: "×") },
          row.norms.map { Numbers.significant($0.old) } ?? "",
          row.norms.map { Numbers.significant($0.new) } ?? "",
          row.norms.map { Numbers.significant($0.distance) } ?? "",
          row.norms?.relative.map(Numbers.significant) ?? "",
        ])
    }
    let hidden = rows.count - min(rows.count, limit)
    return table.lines + (hidden > 0 ? ["  … and \(hidden) more"] : [])
  }
}

extension TensorChange {
  /// What became of the tensor, in a word.
  var state: String {
    if old == nil { return "added" }
    if new == nil { return "removed" }
    return isIdentical ? "same" : "changed"
  }

  /// A property before and after, once where it stayed.
  func pair(_ property: (Form) -> String) -> String {
    let (before, after) = (old.map(property), new.map(property))
    guard let before, let after, before != after else { return after ?? before ?? "" }
    return "\(before) → \(after)"
  }

  var json: JSONValue {
    [
      "name": .string(name.text), "state": .string(state), "identical": .bool(isIdentical),
      "old": old.map(\.json) ?? .null, "new": new.map(\.json) ?? .null,
      "norms": norms.map(\.json) ?? .null,
    ]
  }
}

extension TensorChange.Form {
  fileprivate var json: JSONValue {
    [
      "dtype": .string(dtype.rawValue), "shape": .array(shape.extents.map { .integer($0) }),
      "bytes": .integer(byteCount),
    ]
  }
}
