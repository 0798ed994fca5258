public import Files
public import Storage

/// A working tree with its history: the folder that `init` made, and the store in it.
public final class Repository: Sendable {
  /// The top of the working tree, as an absolute path.
  public let root: Path
  /// The bytes and the refs.
  public let store: ObjectStore
  /// Where files are restored to that commands read, if the repository itself cannot be written.
  public let temporary: Path

  /// The branch that a new repository starts on.
  public static let firstBranch = "main"

  /// Hears of revisions that could mean several things.
  let notice: @Sendable (AmbiguousName) -> Void

  private init(
    root: Path, store: ObjectStore, temporary: Path = Path("/tmp"),
    noticing: @escaping @Sendable (AmbiguousName) -> Void
  ) {
    self.root = root
    self.store = store
    self.temporary = temporary
    notice = noticing
  }

  /// The repository that `path` lies in: the nearest folder with a store, from `path` upwards.
  ///
  /// `noticing` hears of revisions that could mean several things. Throws `noRepository` where there is
  /// no repository.
  public convenience init(
    around path: Path, files: any StoreFiles = DiskFiles(), temporary: Path = Path("/tmp"),
    noticing: @escaping @Sendable (AmbiguousName) -> Void = { _ in }
  ) throws(HistoryError) {
    var folder = path.resolved
    while true {
      let store = folder.appending(TrackedPath.repositoryName)
      do throws(StorageError) {
        self.init(
          root: folder, store: try ObjectStore(opening: store, files: files),
          temporary: temporary, noticing: noticing)
        return
      } catch {
        guard case .notAStore = error else { throw .storage(error) }
        // A damaged store is still the one that commands are meant for, never one further up.
        guard store.kind == nil else {
          throw .storage(.malformedFile(store, rule: "a store without its format"))
        }
      }
      guard folder.parent != folder, folder.text != "." else { throw .noRepository(path) }
      folder = folder.parent
    }
  }

  /// Makes a repository in a folder, which is made where it is missing; whether it was there
  /// already. An existing one is opened and left as it is.
  public static func create(
    at path: Path, act: Act, files: any StoreFiles = DiskFiles()
  ) throws(HistoryError) -> (repository: Repository, existed: Bool) {
    do { try path.createDirectories() } catch { throw .file(error) }
    let root = path.resolved
    let repository: Repository
    do throws(StorageError) {
      let store = try ObjectStore.create(
        at: root.appending(TrackedPath.repositoryName), files: files)
      repository = Repository(root: root, store: store) { _ in }
    } catch {
      // One that may only be read is a repository, too.
      guard case .file(.notPermitted) = error, let existing = try? Repository(around: root),
        existing.root == root
      else { throw .storage(error) }
      return (existing, true)
    }
    // A crash before this operation leaves a store without a head, which the next attempt mends.
    let head = try repository.refValue(.head)
    guard head == nil else { return (repository, true) }
    do { try repository.store.requireLog() } catch { throw .storage(error) }
    try repository.change(act) { _ throws(HistoryError) in
      [RefUpdate(.head, from: nil, to: .symbolic(try .branch(firstBranch)))]
    }
    return (repository, false)
  }

  /// The trees.
  public var trees: Trees { Trees(store) }

  /// A place in the repository's own folder.
  public func own(_ name: String) -> Path {
    root.appending(TrackedPath.repositoryName).appending(name)
  }

  /// The value of an object; throws where it is missing, damaged or of another kind.
  public func read<Value: Kept>(
    _ type: Value.Type, _ id: ObjectID
  ) throws(HistoryError) -> Value {
    let object: StoredObject
    do { object = try store.object(id) } catch { throw .storage(error) }
    return try Value(object, id: id)
  }

  /// What a ref says; nil where there is none of the name.
  public func refValue(_ name: RefName) throws(HistoryError) -> RefValue? {
    do { return try store.log.value(of: name) } catch { throw .storage(error) }
  }

  /// All refs.
  public func refs() throws(HistoryError) -> [RefName: RefValue] {
    do { return try store.log.refs() } catch { throw .storage(error) }
  }

  /// The refs below a prefix such as `refs/heads/`, by the rest of their names.
  public func refs(below prefix: String) throws(HistoryError) -> [String: RefValue] {
    var found: [String: RefValue] = [:]
    for (name, value) in try refs() where name.text.hasPrefix(prefix) {
      found[String(name.text.dropFirst(prefix.count))] = value
    }
    return found
  }
}
