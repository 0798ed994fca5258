internal import ArgumentParser
internal import Files
internal import History
internal import Tensors

/// A model on the command line: a directory, a file of weights, or `REV:PATH`.
struct CheckpointOperand: ExpressibleByArgument, Sendable {
  let path: Path

  static var defaultCompletionKind: CompletionKind { .file() }

  init?(argument: String) {
    guard !argument.isEmpty else { return nil }
    path = Path(argument)
  }

  /// Opens the model's headers.
  func open() throws -> Checkpoint {
    let place = try StoredOperand(path.text)?.files.path ?? path
    do { return try Checkpoint(opening: place) } catch { throw Failure(error) }
  }
}
