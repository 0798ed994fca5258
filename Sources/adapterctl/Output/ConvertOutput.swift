internal import Adapters
internal import Files
internal import JSON
internal import Tensors

/// A finished conversion, as it is shown.
struct ConvertOutput: CommandOutput {
  let report: ConversionReport
  /// The adapter, as the user wrote it.
  let name: String

  func text(verbose: Bool) -> [String] {
    var lines = [
      Terminal.escaped(
        "written   \(report.destination), \(Numbers.count(report.tensorCount, "tensor")) in "
          + "\(report.fileName), \(Numbers.bytes(report.byteCount))")
    ]
    if let check = report.check {
      lines.append(
        check.isRight
          ? "read back \(Numbers.count(check.moduleCount, "module")) alike but for one rounding of "
            + "the factors; the largest difference is "
            + "\(Numbers.significant(check.largestError)) of the largest entry"
          : Terminal.escaped(
            "read back \(Numbers.count(check.failures.count, "module")) with another change: "
              + Failure.list(check.failures.map { TensorName($0) })))
    }
    return lines
  }

  var json: JSONValue {
    [
      "schema": "adapterctl.convert/1", "adapter": .string(name),
      "layout": .string(report.target.rawValue), "output": .string(report.destination.text),
      "file": .string(report.fileName), "tensors": .integer(report.tensorCount),
      "bytes": .integer(report.byteCount),
      "notes": .array(report.remarks.map { .string($0) }),
      "round_trip": report.check.map { check in
        [
          "right": .bool(check.isRight), "modules": .integer(check.moduleCount),
          "largest_error": .number(check.largestError),
          "failures": .array(check.failures.map { .string($0) }),
        ]
      } ?? .null,
    ]
  }
}
