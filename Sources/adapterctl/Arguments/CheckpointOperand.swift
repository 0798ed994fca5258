internal import Adapters
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

  /// An opened model, and what the repository knows of it.
  struct Opened {
    let model: Checkpoint
    /// The base that it was trained on, where the repository knows.
    let known: BaseGuard.Known?
  }

  /// Opens the headers of a model that a fine-tune made, and says what base it belongs to.
  func opened() throws -> Opened {
    let stored = try StoredOperand(path.text)
    let place = stored?.files.path ?? path
    let snapshot = stored?.files.snapshot ?? StoredOperand.tracked(path)?.snapshot
    let known = snapshot?.base.map { BaseGuard.Known(name: path.text, base: $0) }
    let refusal = Failure(
      .unmatched, "not_a_model", "\(path) is an adapter, and no fine-tuned model.",
      hint: "truncate lowers the rank of an adapter")
    if snapshot?.content == .adapter { throw refusal }
    do {
      return Opened(model: try Checkpoint(opening: place), known: known)
    } catch TensorError.noTensors where (try? Adapter(opening: place)) != nil {
      throw refusal
    } catch { throw Failure(error) }
  }

  /// Opens the model's headers.
  func open() throws -> Checkpoint {
    let place = try StoredOperand(path.text)?.files.path ?? path
    do { return try Checkpoint(opening: place) } catch { throw Failure(error) }
  }
}
