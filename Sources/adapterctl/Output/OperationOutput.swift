internal import History
internal import JSON
internal import Storage

/// Operations of the log, as they are shown.
struct OperationOutput: CommandOutput {
  let operations: [Operation]
  /// Whether the refs that were moved are shown too.
  var isWhole = false

  func text(verbose: Bool) -> [String] {
    operations.flatMap { operation in
      let title =
        "\(operation.sequence)  \(CivilTime(operation.time))  \(operation.note.actor)  "
        + OperationText.summary(operation)
      guard isWhole || verbose else { return [Terminal.escaped(title)] }
      return
        ([title, "  \(operation.note.command)"]
        + operation.updates.map { "  " + OperationText.move($0) })
        .map(Terminal.escaped)
    }
  }

  var json: JSONValue {
    [
      "schema": "adapterctl.op/1", "operations": .array(operations.map(OperationText.json)),
    ]
  }
}

/// What was undone, as it is shown.
struct UndoOutput: CommandOutput {
  let operation: Operation

  func text(verbose: Bool) -> [String] {
    (["undid operation \(operation.sequence): \(OperationText.summary(operation))"]
      + operation.inverse.map { "  " + OperationText.move($0) }
      + (concernsFiles
        ? ["files stay as they are; see what differs now with: adapterctl status"] : []))
      .map(Terminal.escaped)
  }

  /// Whether a ref moved that the working tree is compared with.
  private var concernsFiles: Bool {
    operation.updates.contains {
      $0.name == .head || $0.name == .index || $0.name.text.hasPrefix(RefName.prefixes.branches)
    }
  }

  var json: JSONValue {
    ["schema": "adapterctl.undo/1", "undone": OperationText.json(operation)]
  }
}
