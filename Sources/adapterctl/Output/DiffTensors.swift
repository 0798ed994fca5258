internal import Adapters
internal import Compute
internal import JSON
internal import Tensors

/// The changed tensors of a comparison, one by one.
struct DiffTensors {
  let difference: TensorDifference
  let style: DiffStyle

  /// Tensors in the order that was asked for.
  func ordered(_ tensors: [TensorChange]) -> [TensorChange] {
    style.order.sorted(tensors) {
      style.order.key($0.norms(nearest: style.norm), isOneSided: false)
    }
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
        ] + norms(row))
    }
    let hidden = rows.count - min(rows.count, limit)
    return table.fittedLines() + (hidden > 0 ? ["  … and \(hidden) more"] : []) + total
      + (rows.prefix(limit).contains(where: isOtherwiseMeasured)
        ? ["F: the Frobenius norm, of what is no matrix"] : [])
  }

  /// Whether the tensor's norm is another one than was asked for.
  private func isOtherwiseMeasured(_ row: TensorChange) -> Bool {
    row.norms != nil && row.measures[style.norm] == nil
  }

  private func norms(_ row: TensorChange) -> [String] {
    guard let norms = row.norms(nearest: style.norm) else { return ["", "", "", ""] }
    let reference = style.isRelative ? norms.old : 1
    let mark = isOtherwiseMeasured(row) ? " F" : ""
    return [norms.old, norms.new, norms.distance].map { value in
      reference > 0 ? Numbers.significant(value / reference) + mark : ""
    } + [norms.relative.map(Numbers.significant) ?? ""]
  }

  /// Norms of all tensors together: of singular values and entries the largest, with its tensor.
  private var total: [String] {
    var lines: [String] = []
    let measured = difference.changed.compactMap { row in
      row.measures[style.norm].map { (name: row.name, norms: $0) }
    }
    if style.norm != .frobenius,
      let most = measured.max(by: { $0.norms.distance < $1.norms.distance })
    {
      lines.append(
        DiffUpdates.label(style.norm.symbol(of: "·"))
          + "‖new − old‖ at most \(Numbers.significant(most.norms.distance)), "
          + Terminal.escaped("in \(most.name)"))
    }
    let all = difference.tensors.compactMap(\.norms)
    if let together = DifferenceNorms(together: all, in: .frobenius), together.isFinite {
      lines.append(DiffUpdates.line(MatrixNorm.frobenius.symbol(of: "·"), together))
    }
    return lines
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

  /// The tensor; with all norms that were measured where tensors are what is compared.
  func json(withMeasures: Bool) -> JSONValue {
    var json: JSONValue = [
      "name": .string(name.text), "state": .string(state), "identical": .bool(isIdentical),
      "old": old.map(\.json) ?? .null, "new": new.map(\.json) ?? .null,
      "norms": norms.map(\.json) ?? .null,
    ]
    if withMeasures { json.set("measures", to: .object(measures.members)) }
    return json
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
