internal import ArgumentParser
internal import History
internal import Storage

struct OperationCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "op",
    abstract: "Look at what was done to the repository, and undo it",
    discussion: """
      Every command that changed the repository is one operation of its log.
      """,
    subcommands: [OperationLogCommand.self, OperationShowCommand.self, OperationUndoCommand.self])
}

struct OperationLogCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "log", abstract: "List the operations, the newest first")

  @Option(
    name: [.customShort("n", allowingJoined: true), .customLong("max-count")],
    help: "Show so many operations")
  var count = Int.max

  @OptionGroup var global: GlobalOptions

  func run() throws {
    try global.enter()
    let repository = try RepositoryContext(global).repository
    do {
      OperationOutput(operations: try repository.operations(limit: max(0, count))).show(global)
    } catch { throw Failure(error) }
  }
}

struct OperationShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show one operation and the refs it moved")

  @Argument(help: "The operation's number")
  var number: Int

  @OptionGroup var global: GlobalOptions

  func run() throws {
    try global.enter()
    let repository = try RepositoryContext(global).repository
    do {
      OperationOutput(operations: [try repository.operation(number)], isWhole: true).show(global)
    } catch {
      guard case .storage(.missingOperation) = error else { throw Failure(error) }
      throw Failure(.usage, "no_operation", "There is no operation \(number).")
    }
  }
}

struct OperationUndoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "undo",
    abstract: "Take the last operation back",
    discussion: """
      Moves the refs back to where they were before the operation, as a new operation, which is the \
      last one then: a second undo takes it back, and so does again what was undone. What lies \
      further back is undone by its number, from op log, while its refs have not moved since. Files \
      of the working tree stay as they are; status shows how they differ then.

      Exit codes: 0 undone, 10 no repository, 64 a ref has moved since.
      """)

  @Argument(help: "The operation's number (default: the last)")
  var number: Int?

  @OptionGroup var global: GlobalOptions

  func run() throws {
    try global.enter()
    let context = try RepositoryContext(global)
    do {
      let undone = try context.repository.undo(number, act: try context.act())
      UndoOutput(operation: undone).show(global)
    } catch let error as HistoryError { throw Failure(error) }
  }
}
