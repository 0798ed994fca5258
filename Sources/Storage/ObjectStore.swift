internal import Digests
public import Files

/// Keeps bytes under their id and names under refs. FORMAT.md says how.
///
/// It may be used from several threads, and by several processes at once.
public final class ObjectStore: Sendable {
  static let formatLine = "adapterctl store 1\n"

  /// Where the store is.
  public let path: Path
  /// The operation log, with the refs in it.
  public let log: OperationLog
  let files: any StoreFiles
  let paths: StorePaths
  let packs: PackSet
  let cache: ChunkCache
  let codecs = CodecPool()

  /// The bytes of chunks that a store keeps in memory unless it is told otherwise.
  public static let cacheByteCount = 64 << 20

  /// Opens the store at `path`; throws `notAStore` or `unknownFeature` where this version cannot.
  ///
  /// Besides what its callers hold, a store takes memory for the lists of its packs, for
  /// `cacheByteCount` bytes of chunks, which may be parents of the next, and for each thread that
  /// ever worked at once a codec of less than 16 MiB.
  public init(
    opening path: Path,
    files: any StoreFiles = DiskFiles(),
    cacheByteCount: Int = ObjectStore.cacheByteCount
  ) throws(StorageError) {
    paths = StorePaths(root: path)
    let format: [UInt8]
    do throws(FileError) {
      let reader = try files.open(paths.format)
      format = try reader.bytes(at: 0, count: min(reader.byteCount, 4096))
    } catch {
      switch error {
      case .notFound, .notDirectory: throw .notAStore(path)
      default: throw .file(error)
      }
    }
    let text = String(decoding: format, as: UTF8.self)
    guard text.hasPrefix("adapterctl store ") else { throw .notAStore(path) }
    guard text == Self.formatLine else {
      let lines = text.split(separator: "\n")
      let isOther = lines.first.map { $0 + "\n" } != Self.formatLine[...]
      throw .unknownFeature(String((isOther ? lines.first : lines.dropFirst().first) ?? ""))
    }
    self.path = path
    self.files = files
    cache = ChunkCache(limit: cacheByteCount)
    packs = try PackSet(files: files, paths: paths)
    log = OperationLog(files: files, paths: paths)
  }

  /// Makes an empty store in a directory, which is made where it is missing.
  ///
  /// Killed half-way, it leaves no store; what it did leave is taken up by the next attempt. A store
  /// that is there already is opened.
  public static func create(
    at path: Path,
    files: any StoreFiles = DiskFiles()
  ) throws(StorageError) -> ObjectStore {
    let paths = StorePaths(root: path)
    // Before anything is made: what is damaged stays as it is.
    if let store = try? ObjectStore(opening: path, files: files) { try store.requireLog() }
    do throws(FileError) {
      for directory in [path] + paths.directories { try make(directory, files: files) }
      // A temporary file that is linked: the format file is there whole or not at all.
      let temporary = paths.newTemporary()
      let file = try files.create(temporary)
      defer { try? files.remove(temporary) }
      try file.append(Array(formatLine.utf8))
      try file.sync()
      try files.syncNames(in: path.parent)
      do throws(FileError) {
        try files.link(temporary, as: paths.format)
      } catch {
        guard case .exists = error else { throw error }
      }
      try files.syncNames(in: path)
    } catch { throw .file(error) }
    return try ObjectStore(opening: path, files: files)
  }

  /// Throws where there are packs, but no log that could lead to what is in them: a store whose log was
  /// lost is not an empty one.
  public func requireLog() throws(StorageError) {
    guard !packs.names.isEmpty, try log.isEmpty else { return }
    throw .malformedFile(paths.log, rule: "the empty log of a store with packs")
  }

  static func make(_ directory: Path, files: any StoreFiles) throws(FileError) {
    do throws(FileError) {
      try files.createDirectory(directory)
    } catch {
      guard case .exists = error else { throw error }
    }
  }
}
