internal import ArgumentParser
internal import Files
internal import Tensors

/// A model on the command line: a directory, or a file of weights.
struct CheckpointOperand: ExpressibleByArgument, Sendable {
  let path: Path

  static var defaultCompletionKind: CompletionKind { .file() }

  init?(argument: String) {
    guard !argument.isEmpty else { return nil }
    path = Path(argument)
  }

  /// Opens the model's headers.
  func open() throws -> Checkpoint {
    do { return try Checkpoint(opening: path) } catch { throw Failure(error) }
  }
}
