public import Adapters
public import Files
public import Storage

/// A snapshot's files in a folder of the repository's own, for commands that read files, or among
/// the machine's temporary files where the repository cannot be written. The folder goes when this
/// value does.
public final class Materialised: Sendable {
  /// The snapshot.
  public let id: ObjectID
  /// What it is.
  public let snapshot: Snapshot
  /// Where its files are: its folder, or the file where it is a single one.
  public let path: Path
  private let name: String
  private let folder: Path
  private let held: any Sendable

  /// Restores a snapshot, under a folder with a readable name.
  public init(
    _ id: ObjectID, named name: String, in repository: Repository, execution: Execution
  ) throws(HistoryError) {
    self.id = id
    self.name = name
    snapshot = try repository.read(Snapshot.self, id)
    do { (folder, held) = try Checkouts.make(in: repository) } catch { throw .file(error) }
    let readable = String(name.map { $0 == "/" ? "_" : $0 }.prefix(80))
    path = folder.appending(readable.isEmpty || readable.hasPrefix(".") ? "adapter" : readable)
    let restoring = Restoring(repository, execution: execution)
    if let file = snapshot.files[""] {
      try restoring.write(file: file.file, to: path, replacing: false)
    } else {
      try restoring.write(id, to: path)
    }
  }

  /// A text with this snapshot's name in place of the folder that its files are in for now.
  public func named(_ text: String) -> String { text.replacing(path.text, with: name) }

  deinit { try? folder.removeTree() }
}
