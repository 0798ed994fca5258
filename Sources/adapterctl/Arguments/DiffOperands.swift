internal import Files
internal import History
internal import Storage

/// What the operands of `diff` mean: two adapters, or two states of the repository, as git has them.
enum DiffOperands {
  /// Two adapters or models, each a path or `REV:PATH`.
  case pair(String, String)
  /// Two trees; the newer one is nil for the working tree.
  case trees(from: ObjectID?, to: Side, paths: [String])

  /// The newer side.
  enum Side {
    case tree(ObjectID?)
    case workingTree
  }

  /// Reads the operands. Two that name adapters are compared; otherwise revisions come first and
  /// paths after them, and without revisions the working tree is compared with what is staged. With
  /// `marked`, paths that stood behind `--`, all operands are revisions.
  init(
    _ operands: [String], _ marked: [String], staged: Bool, _ global: GlobalOptions
  ) throws {
    if operands.count == 2, marked.isEmpty, !staged, operands.allSatisfy(Self.namesContent) {
      self = .pair(operands[0], operands[1])
      return
    }
    // Where there is no repository, what stands beside a path is a path, be it there or not.
    if operands.count == 2, marked.isEmpty, !staged,
      operands.contains(where: { Path($0).kind != nil }),
      try RepositoryContext.ifAny(global) == nil
    {
      self = .pair(operands[0], operands[1])
      return
    }
    let context = try RepositoryContext(global)
    let repository = context.repository
    do {
      var revisions: [String] = []
      var rest = operands[...]
      while let first = rest.first, revisions.count < 2,
        !marked.isEmpty || Path(first).kind == nil
      {
        if !marked.isEmpty {
          // What stands before -- is no path.
          if try repository.range(first) == nil { _ = try repository.commit(first) }
        } else if try !Self.isRevision(first, repository) {
          break
        }
        revisions.append(first)
        rest = rest.dropFirst()
      }
      if !marked.isEmpty, let extra = rest.first {
        throw Failure(.usage, "usage", "\(extra) is one revision too many before the paths.")
      }
      let paths = try (rest + marked).map(context.tracked)
      for path in paths { try Self.checkTracked(path, repository) }
      let head = try repository.head()
      func tree(_ revision: String) throws(HistoryError) -> ObjectID? {
        try repository.tree(of: try repository.commit(revision))
      }
      if revisions.count == 1, let range = try repository.range(revisions[0]) {
        self = .trees(
          from: try tree(range.from.isEmpty ? "HEAD" : range.from),
          to: .tree(try tree(range.to.isEmpty ? "HEAD" : range.to)), paths: paths)
      } else if revisions.count == 2 {
        self = .trees(
          from: try tree(revisions[0]), to: .tree(try tree(revisions[1])), paths: paths)
      } else if staged {
        let old = try revisions.first.map(tree) ?? repository.tree(of: head.commit)
        self = .trees(from: old, to: .tree(try repository.stagedTree(head)), paths: paths)
      } else {
        let old = try revisions.first.map(tree) ?? repository.stagedTree(head)
        self = .trees(from: old, to: .workingTree, paths: paths)
      }
    } catch let error as HistoryError { throw Failure(error) }
  }

  /// Whether an operand names an adapter or a model rather than a whole state.
  private static func namesContent(_ text: String) -> Bool {
    if Path(text).kind != nil { return true }
    guard let (_, path) = Repository.split(text) else {
      return text.hasPrefix("b3:") ? false : text.hasPrefix("/") || text.hasPrefix("./")
    }
    return !path.isEmpty
  }

  private static func isRevision(_ text: String, _ repository: Repository) throws -> Bool {
    if let range = try repository.range(text) {
      for end in [range.from, range.to] where !end.isEmpty { _ = try repository.commit(end) }
      return true
    }
    do throws(HistoryError) {
      _ = try repository.commit(text)
      return true
    } catch {
      guard case .unknownRevision(_, let nearMisses) = error else { throw error }
      let path = try? repository.relative(Path(text))
      let isTracked = ["", "HEAD"].contains { revision in
        path.map { (try? repository.place(revision, path: $0)) != nil } ?? false
      }
      guard isTracked else {
        throw Failure(
          .usage, "unknown_revision",
          "\"\(text)\" is no revision, and nothing is tracked at such a path.",
          hint: Failure.didYouMean(nearMisses))
      }
      return false
    }
  }

  /// Throws where nothing was ever tracked at a path: a misspelt one would show no difference.
  private static func checkTracked(_ path: String, _ repository: Repository) throws {
    if path.isEmpty || (try? repository.place("HEAD", path: path)) != nil { return }
    _ = try repository.place("", path: path)
  }
}
