internal import ArgumentParser
internal import Digests
internal import Files
internal import History
internal import Storage

struct CheckoutCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "checkout",
    abstract: "Write what a revision has, or go to it",
    discussion: """
      With -o, writes REV:PATH, an adapter or a file, byte for byte to a place outside of the \
      history. Without it, does what git does: goes to a branch or a commit (- is where HEAD was \
      before), or gives the paths after it back as the revision has them and stages them so. \
      checkout -- PATH gives paths back as they are staged, as restore does.

      Exit codes: 0 done, 1 changes are in the way, 10 no repository, 15 what is stored is damaged, \
      64 nothing of that name.
      """)

  @Argument(help: "A revision, or REV:PATH with -o")
  var revision: String?

  @Argument(help: "Give these paths back as the revision has them", completion: .file())
  var paths: [String] = []

  @Option(
    name: .customLong("path"), help: ArgumentHelp("A path behind --", visibility: .hidden))
  var marked: [String] = []

  @Option(
    name: .shortAndLong, help: "The folder or file to write, which must not exist",
    completion: .file())
  var output: String?

  @Flag(name: .customShort("b"), help: "Make a branch of this name and go to it")
  var newBranch = false

  @Flag(name: .shortAndLong, help: "Replace the output, or give up changes that are in the way")
  var force = false

  @OptionGroup var compute: ComputeOptions
  @OptionGroup var global: GlobalOptions

  func validate() throws {
    if revision == nil, marked.isEmpty {
      throw ValidationError("Missing expected argument '<revision>'")
    }
    if output?.isEmpty == true { throw ValidationError("-o takes the name of a file or folder.") }
    if output != nil, revision == nil || !paths.isEmpty || !marked.isEmpty || newBranch {
      throw ValidationError("-o writes one REV:PATH; it goes with neither -b nor further paths.")
    }
    if newBranch, revision == nil || !marked.isEmpty || paths.count > 1 {
      throw ValidationError("-b takes the branch to make and where it begins.")
    }
  }

  func run() throws {
    try global.enter()
    if let output { try OutputPlace.check(Path(output)) }
    let context = try RepositoryContext(global)
    do {
      if let output, let revision { return try write(revision, to: Path(output), context) }
      if !newBranch, let (revision, paths) = try pathsToRestore(context) {
        return try restore(paths, from: revision, context)
      }
      try SwitchCommand.go(
        to: try destination(revision ?? "HEAD", context.repository), discards: force, context,
        compute, global)
    } catch let error as HistoryError { throw Failure(error) }
  }

  /// The paths to give back, and the revision to take them from, which is nil for what is staged; nil
  /// where no path was given.
  private func pathsToRestore(
    _ context: RepositoryContext
  ) throws -> (revision: String?, paths: [String])? {
    guard let revision else { return (nil, marked) }
    // To go to a branch, it comes before a tag of its name, and is none of two things then.
    let goes = try paths.isEmpty && (revision == "-" || branch(revision, context.repository) != nil)
    if marked.isEmpty, !goes {
      do throws(HistoryError) { _ = try context.repository.commit(revision) } catch {
        // As in git, a name that is no revision may be a path's.
        if case .unknownRevision = error, context.isTracked(revision) {
          return (nil, [revision] + paths)
        }
      }
    }
    return paths.isEmpty && marked.isEmpty ? nil : (revision, paths + marked)
  }

  private func destination(
    _ revision: String, _ repository: Repository
  ) throws -> Repository.Destination {
    if newBranch {
      return .newBranch(try .newBranch(revision), at: try paths.first.map(repository.commit))
    }
    if revision == "-" { return try repository.previousPlace() }
    if let name = try branch(revision, repository) { return .branch(name) }
    if let (_, path) = Repository.split(revision) {
      throw Failure(
        .usage, "no_output", "\(revision) names \(path.isEmpty ? "a tree" : path); where to?",
        hint: "write it with: adapterctl checkout \(revision) -o OUT")
    }
    return .detached(try repository.commit(revision))
  }

  /// The branch of a name; nil where there is none.
  private func branch(_ name: String, _ repository: Repository) throws -> RefName? {
    guard let ref = try? RefName.branch(name), try repository.refValue(ref) != nil else {
      return nil
    }
    return ref
  }

  private func restore(
    _ paths: [String], from revision: String?, _ context: RepositoryContext
  ) throws {
    let repository = context.repository
    let tracked = try paths.map(context.tracked)
    let tree =
      if let revision { try repository.tree(of: try repository.commit(revision)) } else {
        try repository.stagedTree(try repository.head())
      }
    let progress = global.progressLine("restoring", totalByteCount: 0)
    defer { progress.finish() }
    let restored = try repository.restoreFiles(
      tracked, from: tree, execution: try compute.execution(progress))
    if let revision {
      _ = try repository.unstage(tracked, to: tree, act: try context.act("checkout \(revision)"))
    }
    PathsOutput(command: "checkout", action: "restored", paths: restored).show(global)
  }

  private func write(
    _ revision: String, to destination: Path, _ context: RepositoryContext
  ) throws {
    let repository = context.repository
    let (named, path) = try Repository.parts(of: revision)
    let place = try repository.place(named, path: path)
    let progress = global.progressLine("writing", totalByteCount: 0)
    defer { progress.finish() }
    let restoring = Restoring(repository, execution: try compute.execution(progress))
    switch place {
    case .snapshot(let id, _): try restoring.write(id, to: destination, replacing: force)
    case .file(let id, _, _): try restoring.write(file: id, to: destination, replacing: force)
    case .folder(let tree, let path):
      try restoring.write(
        try repository.trees.entries(of: tree, within: path), below: path, to: destination,
        replacing: force)
    }
    CheckoutOutput(revision: revision, output: destination).show(global)
  }
}
