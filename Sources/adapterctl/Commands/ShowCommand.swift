internal import Adapters
internal import ArgumentParser
internal import History
internal import JSON
internal import Storage

struct Show: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show a commit, a tag, or what stands at REV:PATH",
    discussion: """
      A commit is shown with what it changed, a tag with its commit. REV:PATH shows what an adapter \
      is made of, lists a folder, and writes a small text file as it is. An object id of any kind \
      is described. An empty REV, as in :PATH, is what is staged.

      Exit codes: 0 shown, 10 no repository, 64 nothing of that name.
      """)

  @Argument(help: "A revision, REV:PATH, or the id of an object")
  var revision = "HEAD"

  @Flag(help: "Of a commit, show how far each kind of module moved too, as log --stat does")
  var stat = false

  @OptionGroup var global: GlobalOptions

  func run() throws {
    try global.enter()
    let context = try RepositoryContext(global)
    let subject: ShowOutput.Subject
    let lines: LogText
    do throws(HistoryError) {
      subject = try self.subject(context.repository)
      lines = LogText(
        decorations: try Decorations(context.repository), palette: global.palette)
    } catch { throw Failure(error) }
    Pager.around(global) {
      if case .file(_, _, _, let text?) = subject, !global.json {
        if !global.quiet { StoredBytes.write(text) }
      } else {
        ShowOutput(subject: subject, lines: lines).show(global)
      }
    }
  }

  private func subject(_ repository: Repository) throws(HistoryError) -> ShowOutput.Subject {
    if let (name, path) = Repository.split(revision) {
      switch try repository.place(name, path: path) {
      case .folder(let tree, let path):
        return .entries(
          try repository.listing(of: tree, within: path, files: false, details: true))
      case .snapshot(let id, let path): return try snapshot(repository, id, path: path.text)
      case .file(let id, let path, _): return try file(repository, id, path: path)
      }
    }
    let id = try repository.object(revision)
    let kind = try repository.storedObject(id).kind
    switch kind {
    case .commit: return .commit(try entry(repository, id))
    case .tag:
      let tag = try repository.read(Tag.self, id)
      return .tag(id, tag, try entry(repository, tag.target))
    case .tree:
      return .entries(try repository.listing(of: id, files: false, details: true))
    case .snapshot: return try snapshot(repository, id, path: nil)
    case .file: return try file(repository, id, path: nil)
    case .tensor: return .tensor(id, try repository.read(TensorObject.self, id))
    case .base: return .base(id, try repository.read(Base.self, id))
    case .merge: return .merge(id, try repository.read(MergeRecord.self, id))
    default: throw .unexpectedKind(id, expected: "known kind", actual: kind.text)
    }
  }

  private func entry(
    _ repository: Repository, _ id: ObjectID
  ) throws(HistoryError) -> LogOutput.Entry {
    let commit = try repository.read(Commit.self, id)
    return LogOutput.Entry(
      id: id, commit: commit,
      changes: try repository.changes(of: commit, measuring: stat ? Execution() : nil))
  }

  /// A snapshot, with the name under which its base is registered.
  private func snapshot(
    _ repository: Repository, _ id: ObjectID, path: String?
  ) throws(HistoryError) -> ShowOutput.Subject {
    let snapshot = try repository.read(Snapshot.self, id)
    if snapshot.content == .file, let file = snapshot.files[""] {
      return try self.file(repository, file.file, path: path)
    }
    var baseName: String?
    let bases = try repository.refs(below: RefName.prefixes.bases)
    for (name, value) in bases.sorted(by: { $0.key < $1.key }) where snapshot.base != nil {
      guard case .object(let base) = value,
        try repository.read(Base.self, base).checkpoint == snapshot.base
      else { continue }
      baseName = name
      break
    }
    return .snapshot(id, snapshot, path: path, baseName: baseName)
  }

  private func file(
    _ repository: Repository, _ id: ObjectID, path: String?
  ) throws(HistoryError) -> ShowOutput.Subject {
    let file = try repository.read(FileRecord.self, id)
    return .file(id, file, path: path, text: try repository.text(of: file))
  }
}
