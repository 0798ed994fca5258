internal import ArgumentParser

/// `undo`, for what is needed in a hurry: the same as `op undo`.
struct UndoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "undo", abstract: OperationUndoCommand.configuration.abstract,
    discussion: OperationUndoCommand.configuration.discussion)

  @OptionGroup var undo: OperationUndoCommand

  func run() throws { try undo.run() }
}
