internal import Adapters
internal import ArgumentParser
internal import Files
internal import History
internal import Storage
internal import Tensors

/// A base on the command line: a path, or the name of a registered base. A path that exists wins.
struct BaseOperand: ExpressibleByArgument, Sendable {
  let text: String

  static var defaultCompletionKind: CompletionKind { .file() }

  init?(argument: String) {
    guard !argument.isEmpty else { return nil }
    text = argument
  }

  /// Opens the model. One that is named by its registration is proved to be the registered one
  /// first, for which files that have changed since they were hashed are read.
  func open(_ global: GlobalOptions, _ compute: ComputeOptions) throws -> Checkpoint {
    let path = Path(text)
    guard path.kind == nil, let context = try RepositoryContext.ifAny(global) else {
      do { return try Checkpoint(opening: path) } catch { throw Failure(error) }
    }
    let base: Base
    let place: Path?
    do {
      base = try context.repository.base(named: text)
      place = try context.repository.basePath(named: text)
    } catch { throw Failure(error) }
    if let stored = base.snapshot, place?.kind == nil {
      return try restored(stored, in: context.repository)
    }
    let model = place.flatMap { try? Checkpoint(opening: $0) }
    return try compute.hashing(model, global) { execution in
      try context.repository.openBase(
        named: text, cache: context.digestCache(), execution: execution,
        as: { context.shown($0) })
    }
  }

  /// A base whose bytes are stored and whose files are gone.
  private func restored(_ id: ObjectID, in repository: Repository) throws -> Checkpoint {
    do {
      let files = try Materialised(id, named: text, in: repository, execution: Execution())
      OpenOperands.keep(files)
      return try Checkpoint(opening: files.path)
    } catch let error as HistoryError {
      throw Failure(error)
    } catch let error as TensorError { throw Failure(error) }
  }
}

extension ComputeOptions {
  /// Does work that hashes a model, with a line of progress.
  func hashing<Value>(
    _ model: Checkpoint?, _ global: GlobalOptions, _ work: (Execution) throws -> Value
  ) throws -> Value {
    let progress = global.progressLine(
      "hashing", totalByteCount: model.map { TensorDigests.byteCount(of: $0.shards) } ?? 0)
    defer { progress.finish() }
    let execution = try execution(progress)
    do { return try work(execution) } catch let error as HistoryError { throw Failure(error) }
  }
}
