import Files
import Synchronization
import TestSupport

@testable import Storage

/// A file system in memory that knows what is on its disk and what is not yet, counts every change,
/// and can stop, refuse or hand over at any of them.
final class MemoryFiles: StoreFiles {
  /// What happens at one change.
  enum Fault: Sendable {
    /// The process dies: this change and all after it do not happen.
    case kill
    /// This change is refused, once.
    case refuse(Int32)
    /// Somebody else has a turn before this change.
    case interrupt(@Sendable () -> Void)
  }

  final class File: Sendable {
    let content = Mutex<(all: [UInt8], synced: Int)>(([], 0))
    convenience init(_ bytes: [UInt8]) {
      self.init()
      content.withLock { $0 = (bytes, bytes.count) }
    }
  }

  /// What a power cut does to what was not synced.
  enum PowerCut: CaseIterable, Sendable {
    /// Nothing: the process died, the machine went on.
    case none
    /// Names and bytes that were not synced are gone.
    case loseAll
    /// Names stay, unsynced bytes are gone.
    case loseBytes
    /// Names stay, unsynced bytes end in the middle.
    case tearBytes
    /// Each unsynced name and each file's unsynced bytes stay or go by chance.
    case random
  }

  struct State: Sendable {
    var directories: Set<String> = ["/"]
    var names: [String: File] = [:]
    /// What a power cut leaves: the names as of the last sync of their directory.
    var durable: [String: File] = [:]
    var durableDirectories: Set<String> = ["/"]
    var changes: [String] = []
    var faults: [Int: Fault] = [:]
    var isDead = false
    var locks: [ObjectIdentifier: Bool] = [:]
    var syncCount = 0
  }

  let state: Mutex<State>
  /// Syncs that do nothing, by how their change begins; the negative control.
  let ignored: String?

  init(_ state: State = State(), ignoring ignored: String? = nil) {
    self.state = Mutex(state)
    self.ignored = ignored
  }

  /// The changes asked for so far.
  var changes: [String] { state.withLock { $0.changes } }

  func setFault(_ fault: Fault, at change: Int) { state.withLock { $0.faults[change] = fault } }

  /// What the next process finds after this one died, or the machine lost power.
  func afterwards(_ cut: PowerCut, seed: UInt64 = 1) -> MemoryFiles {
    state.withLock { state in
      var generator = SeededGenerator(seed: seed)
      func keeps() -> Bool { generator.next() & 1 == 0 }
      var next = State()
      next.directories =
        cut == .loseAll ? state.durableDirectories : state.directories
      var copies: [ObjectIdentifier: File] = [:]
      func copy(_ file: File) -> File {
        if let known = copies[ObjectIdentifier(file)] { return known }
        let (all, synced) = file.content.withLock { $0 }
        let bytes: [UInt8]
        switch cut {
        case .none: bytes = all
        case .loseAll, .loseBytes: bytes = Array(all.prefix(synced))
        case .tearBytes: bytes = Array(all.prefix(synced + (all.count - synced) / 2))
        case .random:
          bytes = Array(all.prefix(synced + generator.index(below: all.count - synced + 1)))
        }
        let copy = File(bytes)
        copies[ObjectIdentifier(file)] = copy
        return copy
      }
      let names = Set(state.names.keys).union(state.durable.keys).sorted()
      for name in names {
        let now = state.names[name]
        let durable = state.durable[name]
        let file: File?
        switch cut {
        case .none, .loseBytes, .tearBytes: file = now
        case .loseAll: file = durable
        case .random: file = now === durable || keeps() ? now : durable
        }
        if let file, next.directories.contains(Path(name).parent.text) {
          next.names[name] = copy(file)
        }
      }
      next.durable = next.names
      next.durableDirectories = next.directories
      return MemoryFiles(next, ignoring: ignored)
    }
  }

  /// Bytes of a file, for tests that damage it.
  subscript(path: Path) -> [UInt8]? {
    get { state.withLock { $0.names[path.text]?.content.withLock { $0.all } } }
    set {
      state.withLock { $0.names[path.text] = newValue.map { File($0) } }
    }
  }

  var fileNames: [String] { state.withLock { $0.names.keys.sorted() } }

  /// Counts a change, and does to it what was planned.
  func change(_ what: String, _ path: Path) throws(FileError) {
    let fault = try state.withLock { state throws(FileError) -> Fault? in
      if state.isDead { throw .failed(path, operation: "be dead", errno: 0) }
      state.changes.append("\(what) \(path.name)")
      let fault = state.faults[state.changes.count - 1]
      if case .kill = fault {
        state.isDead = true
        throw .failed(path, operation: "be dead", errno: 0)
      }
      return fault
    }
    switch fault {
    case .refuse(28): throw .noSpace(path)
    case .refuse(let number): throw .failed(path, operation: what, errno: number)
    case .interrupt(let turn): turn()
    case .kill, nil: break
    }
  }
}

extension MemoryFiles {
  func names(in directory: Path) throws(FileError) -> [String] {
    try state.withLock { state throws(FileError) in
      guard state.directories.contains(directory.text) else { throw .notFound(directory) }
      return state.names.keys.filter { Path($0).parent == directory }.map { Path($0).name }.sorted()
    }
  }

  func open(_ path: Path) throws(FileError) -> any StoreFileReading {
    guard let file = state.withLock({ $0.names[path.text] }) else { throw .notFound(path) }
    return Reader(path: path, bytes: file.content.withLock { $0.all })
  }

  func createDirectory(_ path: Path) throws(FileError) {
    try change("mkdir", path)
    try state.withLock { state throws(FileError) in
      guard state.directories.insert(path.text).inserted else { throw .exists(path) }
      // A directory of the set-up itself is taken as durable with its parent.
    }
  }

  func create(_ path: Path) throws(FileError) -> any StoreFileWriting {
    try change("create", path)
    let file = File()
    try state.withLock { state throws(FileError) in
      guard state.names[path.text] == nil else { throw .exists(path) }
      guard state.directories.contains(path.parent.text) else { throw .notFound(path) }
      state.names[path.text] = file
    }
    return Writer(files: self, path: path, file: file)
  }

  func link(_ path: Path, as other: Path) throws(FileError) {
    try change("link", other)
    try state.withLock { state throws(FileError) in
      guard let file = state.names[path.text] else { throw .notFound(path) }
      guard state.names[other.text] == nil else { throw .exists(other) }
      state.names[other.text] = file
    }
  }

  func rename(_ path: Path, over other: Path) throws(FileError) {
    try change("rename", other)
    try state.withLock { state throws(FileError) in
      guard let file = state.names.removeValue(forKey: path.text) else { throw .notFound(path) }
      state.names[other.text] = file
    }
  }

  func remove(_ path: Path) throws(FileError) {
    try change("remove", path)
    try state.withLock { state throws(FileError) in
      guard state.names.removeValue(forKey: path.text) != nil else { throw .notFound(path) }
    }
  }

  func syncNames(in directory: Path) throws(FileError) {
    try change("sync", directory)
    state.withLock { state in
      state.syncCount += 1
      guard ignored != "sync \(directory.name)" else { return }
      state.durableDirectories.formUnion(
        state.directories.filter { Path($0).parent == directory || $0 == directory.text }
      )
      for name in Set(state.names.keys).union(state.durable.keys)
      where Path(name).parent == directory {
        state.durable[name] = state.names[name]
      }
    }
  }

  func lock(_ path: Path, exclusive: Bool) throws(FileError) -> (any Sendable)? {
    try state.withLock { state throws(FileError) in
      if state.isDead { throw .failed(path, operation: "be dead", errno: 0) }
      guard ignored == "lock" || !exclusive || state.locks.isEmpty,
        !state.locks.values.contains(true)
      else {
        return nil
      }
      let lock = Lock(files: self)
      // A file system whose locks do not hold.
      if ignored == "lock" { return lock }
      state.locks[ObjectIdentifier(lock)] = exclusive
      return lock
    }
  }

  final class Lock: Sendable {
    let files: MemoryFiles
    init(files: MemoryFiles) { self.files = files }
    deinit { files.state.withLock { _ = $0.locks.removeValue(forKey: ObjectIdentifier(self)) } }
  }

  struct Reader: StoreFileReading {
    let path: Path
    let bytes: [UInt8]
    var byteCount: Int { bytes.count }

    func bytes(at offset: Int, count: Int) throws(FileError) -> [UInt8] {
      guard offset >= 0, count >= 0, count <= bytes.count, offset <= bytes.count - count else {
        throw .truncated(path, offset: offset, wanted: count)
      }
      return Array(bytes[offset..<offset + count])
    }
  }

  struct Writer: StoreFileWriting {
    let files: MemoryFiles
    let path: Path
    let file: File

    func append(_ bytes: [UInt8]) throws(FileError) {
      // A full disk takes part of the bytes.
      do throws(FileError) {
        try files.change("append", path)
      } catch {
        file.content.withLock { $0.all += bytes.prefix(bytes.count / 2) }
        throw error
      }
      file.content.withLock { $0.all += bytes }
    }

    func sync() throws(FileError) {
      try files.change("fsync", path)
      files.state.withLock { $0.syncCount += 1 }
      guard files.ignored != "fsync" else { return }
      file.content.withLock { $0.synced = $0.all.count }
    }
  }
}
