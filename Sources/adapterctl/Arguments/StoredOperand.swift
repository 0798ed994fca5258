internal import Adapters
internal import Digests
internal import Files
internal import History
internal import Storage
internal import Synchronization
internal import Tensors

/// An operand that names something in the repository: `REV:PATH`, or the id of a snapshot.
///
/// Its files are restored into the repository's own folder and stay there until the command ends:
/// what reads files need not know of the repository.
struct StoredOperand {
  /// What the user wrote.
  let text: String
  /// The restored files.
  let files: Materialised
  /// The repository.
  let repository: Repository

  /// What a text names in the repository around the current directory; nil where it is not written
  /// as `REV:PATH` or as an id, or where a path of that name exists.
  init?(_ text: String) throws {
    guard Path(text).kind == nil else { return nil }
    let isID = text.hasPrefix("b3:")
    let split = Repository.split(text)
    guard isID || split != nil else { return nil }
    do {
      repository = try Repository.here()
      let id: ObjectID
      if let (revision, path) = split {
        id = try Self.snapshot(text, try repository.place(revision, path: path), revision)
      } else {
        id = try repository.object(text)
      }
      files = try Materialised(id, named: text, in: repository, execution: Execution())
    } catch let error as HistoryError {
      // Without a repository it is a path that does not exist.
      if case .noRepository = error { return nil }
      throw Failure(error)
    }
    self.text = text
    OpenOperands.keep(files)
  }

  /// The snapshot at a place; a failure for what is only a part of one, or holds several.
  private static func snapshot(
    _ text: String, _ place: TreePlace, _ revision: String
  ) throws -> ObjectID {
    switch place {
    case .snapshot(let id, _): return id
    case .file(_, let path, _):
      let outer = path.split(separator: "/").dropLast().joined(separator: "/")
      throw Failure(
        .usage, "no_adapter", "\(text) is one file of an adapter, and no adapter.",
        hint: "name the whole: \(revision):\(outer)")
    case .folder:
      throw Failure(
        .usage, "no_adapter", "\(text) is a folder, and no adapter.",
        hint: "see what is in it with: adapterctl ls-tree \(text)")
    }
  }

  /// The adapter of this content, by the id that receipts have, in the repository around the current
  /// directory; nil where no commit has it. `name` is what the user knows it by.
  init?(content: Digest, named name: String) throws {
    do throws(HistoryError) {
      repository = try Repository.here()
      let places = try repository.places(ofContents: [content])
      guard let place = places[content]?.first else { return nil }
      files = try Materialised(
        place.snapshot, named: name, in: repository, execution: Execution())
    } catch {
      if case .noRepository = error { return nil }
      throw Failure(error)
    }
    text = name
    OpenOperands.keep(files)
  }

  /// The tracked snapshot at a path of the working tree whose files are as they are staged; nil for
  /// anything else.
  static func tracked(_ path: Path) -> (repository: Repository, snapshot: Snapshot)? {
    guard let repository = try? Repository.here(),
      let relative = try? repository.relative(path), let tracked = try? TrackedPath(relative),
      let snapshot = try? repository.stagedSnapshot(at: tracked)
    else { return nil }
    return (repository, snapshot)
  }
}

/// Restored files that a command still reads.
enum OpenOperands {
  private static let files = Mutex<[Materialised]>([])

  static func keep(_ materialised: Materialised) { files.withLock { $0.append(materialised) } }

  /// A failure in the words of the user: what was restored stands in a folder that is gone in a
  /// moment, and nobody knows its name.
  static func named(_ failure: Failure) -> Failure {
    Failure(
      failure.code, failure.kind, named(failure.message), hint: failure.hint.map(named))
  }

  /// A text in the words of the user.
  static func named(_ text: String) -> String {
    files.withLock { $0.reduce(text) { $1.named($0) } }
  }

  /// Removes them all, at the end of a command.
  static func close() { files.withLock { $0 = [] } }
}
