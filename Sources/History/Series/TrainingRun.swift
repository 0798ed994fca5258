internal import Adapters
public import Files

/// The checkpoints that a training run left in its folder, in the order of their steps.
public struct TrainingRun: Sendable {
  /// One checkpoint.
  public struct Step: Sendable {
    /// The number of the training step.
    public let number: Int
    /// Its folder's or file's name.
    public let name: String
    /// What is there.
    public let found: Found
    /// What the run's own log says of the step.
    public let metrics: [Trailer]
  }

  /// The run's folder.
  public let folder: Path
  /// The checkpoints, the earliest first.
  public let steps: [Step]

  /// Finds the checkpoints of a run: folders `checkpoint-N`, as transformers' Trainer and most others
  /// name them, or files `N_adapters.safetensors`, as MLX does.
  ///
  /// Throws `noCheckpoints` or `isCheckpoint` where there are none, and `notAddable` where one of them is
  /// neither adapter nor model.
  public init(_ folder: Path, in repository: Repository) throws(HistoryError) {
    self.folder = folder
    let names: [String]
    do { names = try folder.entryNames() } catch { throw .file(error) }
    var steps: [Step] = []
    for name in names where folder.appending(name).isDirectory {
      guard let number = Self.number(name, after: Self.prefix) else { continue }
      var finding = Finding(repository, in: folder)
      guard let found = try finding.recognised(try TrackedPath(name)) else {
        throw .notAddable(
          folder.appending(name), what: "a checkpoint without an adapter or a model")
      }
      let state = try TrainerState(of: folder.appending(name))
      steps.append(
        Step(number: number, name: name, found: found, metrics: state.metrics(at: number)))
    }
    if steps.isEmpty { steps = try Self.filesOfMLX(folder, names, repository) }
    guard !steps.isEmpty else {
      if Self.number(folder.resolved.name, after: Self.prefix) != nil {
        throw .isCheckpoint(folder)
      }
      throw .noCheckpoints(folder, below: Self.runs(below: folder, depth: 4))
    }
    self.steps = steps.sorted { $0.number < $1.number }
  }

  /// The checkpoints that MLX leaves beside its last weights: each takes their place, and shares the
  /// other files with them.
  private static func filesOfMLX(
    _ folder: Path, _ names: [String], _ repository: Repository
  ) throws(HistoryError) -> [Step] {
    let suffix = "_adapters.safetensors"
    let numbered = names.filter { $0.hasSuffix(suffix) && Int($0.dropLast(suffix.count)) != nil }
    guard !numbered.isEmpty, names.contains("adapter_config.json") else { return [] }
    let place = folder.resolved
    var finding = Finding(repository, in: place.parent)
    guard let whole = try finding.recognised(try TrackedPath(place.name)) else { return [] }
    let shared = whole.files.filter {
      !numbered.contains($0.name) && $0.name != "adapters.safetensors"
    }
    return numbered.compactMap { name in
      // Rules leave them out of the folder's own snapshot, not of the run.
      let path = folder.appending(name)
      guard let number = Int(name.dropLast(suffix.count)), !path.isLink,
        case .file(let byteCount) = path.kind
      else { return nil }
      let own = Found.File(name: "adapters.safetensors", path: path, byteCount: byteCount)
      let found = Found(
        path: whole.path, place: path, content: whole.content, format: whole.format,
        method: whole.method, declaredBase: whole.declaredBase,
        files: (shared + [own]).sorted { $0.name < $1.name }, notes: [])
      return Step(number: number, name: name, found: found, metrics: [])
    }
  }

  /// What the names of checkpoints' folders begin with.
  private static let prefix = "checkpoint-"

  /// The folders below one that have checkpoints in them, sorted; not deeper than so many levels, and
  /// none behind a link.
  private static func runs(below folder: Path, depth: Int) -> [Path] {
    guard depth > 0, let names = try? folder.entryNames() else { return [] }
    return names.sorted().flatMap { name -> [Path] in
      let child = folder.appending(name)
      guard child.isDirectory, !child.isLink, name != TrackedPath.repositoryName else { return [] }
      let inner = (try? child.entryNames()) ?? []
      let isRun = inner.contains {
        number($0, after: prefix) != nil && child.appending($0).isDirectory
      }
      return isRun ? [child] : runs(below: child, depth: depth - 1)
    }
  }

  private static func number(_ name: String, after prefix: String) -> Int? {
    guard name.hasPrefix(prefix) else { return nil }
    return Int(name.dropFirst(prefix.count))
  }
}
