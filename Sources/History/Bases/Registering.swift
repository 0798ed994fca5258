public import Adapters
public import Files
public import Storage
public import Tensors

/// What became of a base that was to be registered.
public struct Registration: Sendable {
  /// What was done.
  public enum Outcome: String, Sendable {
    /// The name was free.
    case added
    /// The same content was registered already, and nothing else was to be kept of it.
    case unchanged
    /// The same content, of which more is known now: its source, or digests of its files.
    case updated
    /// Another content had the name.
    case replaced
  }

  /// What was done.
  public let outcome: Outcome
  /// The base's object.
  public let id: ObjectID
  /// The base.
  public let base: Base
}

extension Repository {
  /// Registers a model as a base under `refs/bases/NAME`, and remembers where it is.
  ///
  /// The bytes of `model` are stored too, where one is given. Throws `baseDiffers` where the name is taken by another content and `replaces` is not set.
  public func register(
    _ contents: BaseContents, as name: String, at path: Path, source: String? = nil,
    replaces: Bool = false, storing model: Checkpoint? = nil, execution: Execution = Execution(),
    act: Act
  ) throws(HistoryError) -> Registration {
    let ref = try RefName.base(name)
    guard Configuration.isKey(Self.pathKey(name)) else {
      throw .invalidName(name, rule: "may be at most 180 bytes long, without two dots in a row")
    }
    var done: Registration?
    try change(act) { transaction throws(HistoryError) in
      let old = try self.resolve(ref)
      var base = Base(contents, source: source)
      var outcome = Registration.Outcome.added
      if let old {
        let registered = try self.read(Base.self, old)
        let isSame = BaseDifference(of: contents, from: registered).isEmpty
        guard isSame || replaces else {
          throw .baseDiffers(
            name, registered: registered.checkpoint, actual: contents.checkpoint)
        }
        if isSame { base = base.keeping(registered) }
        outcome = isSame ? base == registered ? .unchanged : .updated : .replaced
      }
      if let model, base.snapshot == nil {
        base.snapshot = try self.store(model, contents, in: transaction, execution)
        if outcome == .unchanged { outcome = .updated }
      }
      let id: ObjectID
      do throws(StorageError) { id = try transaction.put(base.object) } catch {
        throw .storage(error)
      }
      done = Registration(outcome: outcome, id: id, base: base)
      guard old != id else { return [] }
      return [RefUpdate(ref, from: old.map { .object($0) }, to: .object(id))]
    }
    try remember(path, of: name)
    guard let done else { preconditionFailure("the change was made") }
    return done
  }

  /// The name that a model gets where the user gives none: its folder's, with what cannot be in a
  /// name replaced. A snapshot in a hub's cache is named after its repository.
  public static func baseName(for path: Path) -> String {
    let path = absolute(path)
    var words = path.text.split(separator: "/").map(String.init)
    if path.isFile { words.removeLast() }
    if words.count > 2, words[words.count - 2] == "snapshots",
      let model = words[words.count - 3].split(separator: "--").last
    {
      words = [String(model)]
    }
    let allowed = (words.last ?? "").utf8.map { byte -> UInt8 in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: byte
      default: UInt8(ascii: "-")
      }
    }
    var name = String(decoding: allowed.prefix(64), as: UTF8.self)[...]
    while name.contains("..") { name.replace("..", with: ".") }
    name = name.drop { $0 == "." || $0 == "-" }
    while name.last == "." || name.last == "-" { name = name.dropLast() }
    return name.isEmpty || (try? RefName.base(String(name))) == nil ? "base" : String(name)
  }

  private func remember(_ path: Path, of name: String) throws(HistoryError) {
    var configuration = try configuration()
    let text = Self.absolute(path).text
    guard configuration[Self.pathKey(name)] != text else { return }
    configuration[Self.pathKey(name)] = text
    try write(configuration)
  }

  /// A path from the root. A file's own name stays: in a hub's cache it is a link to a nameless one.
  private static func absolute(_ path: Path) -> Path {
    guard !path.isDirectory else { return path.resolved }
    let folder = path.parent.resolved
    return folder.appending(path.name)
  }
}

extension Base {
  fileprivate init(_ contents: BaseContents, source: String?) {
    self.init(
      checkpoint: contents.checkpoint, tensors: contents.tensors, files: contents.files,
      snapshot: nil, source: source)
  }

  /// This base with what is known of the same content and is not said anew.
  fileprivate func keeping(_ earlier: Base) -> Base {
    let files = files.merging(earlier.files) { new, old in
      guard new.byteCount == old.byteCount, new.digest == nil || new.digest == old.digest else {
        return new
      }
      return File(
        byteCount: new.byteCount, digest: new.digest ?? old.digest,
        sha256: new.sha256 ?? old.sha256)
    }.filter { self.files[$0.key] != nil }
    return Base(
      checkpoint: checkpoint, tensors: tensors, files: files,
      snapshot: snapshot ?? earlier.snapshot, source: source ?? earlier.source)
  }
}
