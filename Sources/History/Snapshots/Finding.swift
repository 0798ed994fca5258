internal import Adapters
public import Files

/// Finds what a repository can keep: adapters wherever they lie, and what the user names.
public struct Finding {
  let repository: Repository
  private let top: Path
  private var rules: IgnoreRules
  private var read: Set<String> = []
  let purpose: Purpose
  /// What was passed over, as whole sentences.
  public internal(set) var notes: [String] = []
  /// What has a name that no snapshot can hold, and was passed over.
  public internal(set) var unkept: [Unkept] = []

  /// A search in the working tree, by the rules of its ignore files.
  public init(_ repository: Repository, purpose: Purpose = .naming) {
    self.init(repository, in: repository.root, purpose: purpose)
  }

  /// A search in another folder, such as a training run's, whose ignore files count instead.
  init(_ repository: Repository, in top: Path, purpose: Purpose = .naming) {
    self.repository = repository
    self.top = top
    self.purpose = purpose
    rules = .defaults
  }

  private func place(of path: String) -> Path { path.isEmpty ? top : top.appending(path) }

  /// What stands at a path below the folder that is searched, recognised; nil where it is nothing
  /// that is kept by itself.
  mutating func recognised(_ path: TrackedPath) throws(HistoryError) -> Found? {
    try readRules(above: path.text)
    guard let recognised = Recognised(try recognise(place(of: path.text))) else { return nil }
    return try found(path, recognised)
  }

  /// What is at a path that the user named: the adapter, checkpoint or file itself, the adapter that
  /// a file is part of, or all adapters below a folder.
  ///
  /// Throws `notAddable` where there is nothing to keep.
  public mutating func find(at named: Path) throws(HistoryError) -> [Found] {
    let path = try repository.relative(named)
    guard named.kind != nil else { throw .file(.notFound(named)) }
    guard !named.isLink else {
      throw .notAddable(named, what: "a symbolic link; a snapshot holds files")
    }
    try readRules(above: path)
    if !named.isDirectory, let folder = try adapterAround(path) { return [folder] }
    guard !path.isEmpty else { return try adapters(below: "") }
    let recognition = try recognise(named)
    if let recognised = Recognised(recognition) {
      return [try found(try TrackedPath(path), recognised)]
    }
    if case .unreadable(let file, let reason) = recognition {
      // A damaged adapter is no plain file: it would be found out long after.
      throw .unreadableAdapter(file, reason)
    }
    guard named.isDirectory else {
      return [try plainFile(try TrackedPath(path), at: named)]
    }
    let found = try adapters(below: path)
    guard !found.isEmpty else {
      throw .notAddable(named, what: "a folder without an adapter or a model")
    }
    return found
  }

  /// All adapters below a folder; an empty path is the top. What stands at the paths `skipping` is
  /// neither looked at nor given back.
  public mutating func adapters(
    below path: String, skipping: Set<String> = []
  ) throws(HistoryError) -> [Found] {
    var found: [Found] = []
    try readRules(above: path)
    try search(path, skipping, into: &found)
    return found.sorted { $0.path < $1.path }
  }

  /// What is at a path that is tracked as a certain kind of thing; nil where nothing is there.
  ///
  /// It is taken for that kind even where it is damaged now: its files are compared all the same.
  public mutating func tracked(
    _ path: TrackedPath, as snapshot: Snapshot
  ) throws(HistoryError) -> Found? {
    let place = place(of: path.text)
    guard let kind = place.kind else { return nil }
    try readRules(above: path.text)
    let listed: [Found.File]
    if case .directory = kind, !place.isLink {
      listed = try files(of: path)
    } else {
      listed = [try file("", at: place)]
    }
    guard !listed.isEmpty else { return nil }
    return Found(
      path: path, place: place, content: snapshot.content, format: snapshot.format,
      method: snapshot.method, declaredBase: snapshot.declaredBase, files: listed, notes: [])
  }

  /// Throws where a path that is tracked as an adapter is a damaged one now.
  public func refuseDamaged(_ path: TrackedPath, as snapshot: Snapshot) throws(HistoryError) {
    guard snapshot.content == .adapter else { return }
    if case .unreadable(let file, let reason) = try recognise(place(of: path.text)) {
      throw .unreadableAdapter(file, reason)
    }
  }

  private mutating func search(
    _ path: String, _ skipping: Set<String>, into found: inout [Found]
  ) throws(HistoryError) {
    let place = place(of: path)
    if !path.isEmpty {
      let recognition = try recognise(place)
      if let recognised = Recognised(recognition) {
        // A whole model is kept only when it is named: it is large, and often the base.
        if recognised.content == .adapter {
          found.append(try self.found(try TrackedPath(path), recognised))
        }
        return
      }
      if case .unreadable = recognition {
        notes.append(
          "\(path) is passed over: it looks like an adapter and cannot be read. adapterctl inspect "
            + "says why.")
      }
    }
    for name in try names(in: place) {
      let child = path.isEmpty ? name : path + "/" + name
      guard place.appending(name).isDirectory, !place.appending(name).isLink,
        !skipping.contains(child), name != TrackedPath.repositoryName
      else { continue }
      guard !rules.ignores(child, isDirectory: true) else { continue }
      if let rule = Self.brokenRule(child, place.appending(name)) {
        passOver(child, rule)
        continue
      }
      try readRules(in: child)
      try search(child, skipping, into: &found)
    }
  }

  /// The adapter whose folder a file lies in, where there is one between it and the top.
  private mutating func adapterAround(_ path: String) throws(HistoryError) -> Found? {
    for ancestor in try TrackedPath(path).ancestors.reversed() {
      guard let recognised = Recognised(try recognise(place(of: ancestor))),
        recognised.content == .adapter
      else { continue }
      return try found(try TrackedPath(ancestor), recognised)
    }
    return nil
  }

  private mutating func found(
    _ path: TrackedPath, _ recognised: Recognised
  ) throws(HistoryError) -> Found {
    let place = place(of: path.text)
    let listed = place.isDirectory ? try files(of: path) : [try file("", at: place)]
    guard !listed.isEmpty else {
      throw .notAddable(place, what: "made of files that are all ignored")
    }
    return Found(
      path: path, place: place, content: recognised.content, format: recognised.format,
      method: recognised.method, declaredBase: recognised.declaredBase, files: listed, notes: notes)
  }

  private func plainFile(_ path: TrackedPath, at place: Path) throws(HistoryError) -> Found {
    Found(
      path: path, place: place, content: .file, format: "file", method: nil, declaredBase: nil,
      files: [try file("", at: place)], notes: [])
  }

  /// The files of a folder that are not ignored, folders in it included but for those that are
  /// adapters or models of their own.
  private mutating func files(of path: TrackedPath) throws(HistoryError) -> [Found.File] {
    var files: [Found.File] = []
    var tracked: Set<String>?
    try list(path.text, below: "", of: path, &tracked, into: &files)
    if purpose != .looking { try removeTwins(of: path, from: &files) }
    return files.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
  }

  /// `tracked` are the names that the path has in the index, once somebody had to know: rules leave out
  /// what is not tracked, and nothing else.
  private mutating func list(
    _ folder: String, below prefix: String, of top: TrackedPath, _ tracked: inout Set<String>?,
    into files: inout [Found.File]
  ) throws(HistoryError) {
    let place = place(of: folder)
    try readRules(in: folder)
    let names = try names(in: place)
    for name in names {
      let path = folder + "/" + name
      let child = place.appending(name)
      let isDirectory = child.isDirectory && !child.isLink
      if !IgnoreRules.isSoleWeights(name, among: names),
        rules.ignores(path, isDirectory: isDirectory)
      {
        if tracked == nil { tracked = try trackedNames(top) }
        let kept = tracked ?? []
        let name = prefix + name
        guard isDirectory ? kept.contains(where: { $0.hasPrefix(name + "/") }) : kept.contains(name)
        else { continue }
      }
      if let rule = Self.brokenRule(path, child) {
        guard purpose != .naming else { throw .invalidPath(path, rule: rule) }
        passOver(path, rule)
        continue
      }
      guard isDirectory else {
        // Gone since the folder was listed.
        guard child.kind != nil else { continue }
        files.append(try file(prefix + name, at: child))
        continue
      }
      if let inner = Recognised(try recognise(child)) {
        notes.append(
          "\(path) is \(inner.content == .adapter ? "an adapter" : "a model") of its own and is "
            + "no part of \(folder).")
        continue
      }
      try list(path, below: prefix + name + "/", of: top, &tracked, into: &files)
    }
  }

  func trackedNames(_ path: TrackedPath) throws(HistoryError) -> Set<String> {
    guard top == repository.root, let snapshot = try repository.stagedSnapshot(at: path) else {
      return []
    }
    return Set(snapshot.files.keys)
  }

  /// The rule that a name breaks; nil where it can be tracked.
  private static func brokenRule(_ path: String, _ place: Path) -> String? {
    // Bytes that are no UTF-8 were read as this mark, and so the name leads nowhere.
    if place.kind == nil, path.unicodeScalars.contains("\u{FFFD}") { return "is not UTF-8" }
    return TrackedPath.brokenRule(path)
  }

  private func recognise(_ path: Path) throws(HistoryError) -> AdapterRecognition {
    do { return try AdapterRecognition(of: path) } catch { throw .adapter(error) }
  }

  private func names(in place: Path) throws(HistoryError) -> [String] {
    do { return try place.entryNames() } catch { throw .file(error) }
  }

  /// A file as it is kept; throws `notAddable` for a link and whatever else is none.
  private func file(_ name: String, at place: Path) throws(HistoryError) -> Found.File {
    let isLink = place.isLink
    if !isLink, case .file(let byteCount) = place.kind {
      return Found.File(name: name, path: place, byteCount: byteCount)
    }
    guard purpose == .looking else {
      throw .notAddable(
        place,
        what: isLink
          ? "a symbolic link; a snapshot holds files" : "a device, a pipe or a socket")
    }
    return Found.File(name: name, path: place, byteCount: 0, isRegular: false)
  }

  /// Reads the ignore files of all folders from the top to that of a path.
  private mutating func readRules(above path: String) throws(HistoryError) {
    try readRules(in: "")
    guard !path.isEmpty else { return }
    for ancestor in try TrackedPath(path).ancestors { try readRules(in: ancestor) }
    if place(of: path).isDirectory { try readRules(in: path) }
  }

  private mutating func readRules(in folder: String) throws(HistoryError) {
    guard read.insert(folder).inserted else { return }
    let file = place(of: folder).appending(IgnoreRules.fileName)
    guard file.isFile, !file.isLink else { return }
    do {
      rules.add(try FileReader.contents(of: file, limit: 1 << 20), in: folder)
    } catch { throw .file(error) }
  }
}
