internal import Files
internal import History
internal import JSON

/// An archive that was written, as it is shown.
struct ExportOutput: CommandOutput {
  let source: String
  let exported: Exported

  func text(verbose: Bool) -> [String] {
    [
      Terminal.escaped(
        "wrote \(source) to \(exported.path): \(Numbers.count(exported.fileCount, "file")), "
          + Numbers.bytes(exported.byteCount))
    ]
  }

  var json: JSONValue {
    [
      "schema": "adapterctl.export/1", "source": .string(source),
      "output": .string(exported.path.text), "files": .integer(exported.fileCount),
      "bytes": .integer(exported.byteCount),
    ]
  }
}
