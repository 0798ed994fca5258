internal import Digests
public import Files

/// One file that carries objects, chunks and refs from one store to another. FORMAT.md says how.
///
/// Opening one reads its manifest and its lists, and believes neither: `verify` checks all of it, and
/// `unbundle` does so before it takes anything.
public struct Bundle: Sendable {
  /// The file.
  public let path: Path
  let file: any StoreFileReading
  let manifest: BundleManifest
  let packs: [PackFile]
  /// Where each key's record is: in which of the packs, and where in it.
  let places: [StoredKey: (pack: Int, entry: PackEntry)]
  /// The keys in the order of their records.
  let order: [StoredKey]

  /// The refs it carries, and the objects they name.
  public var refs: [RefName: ObjectID] { manifest.refs }
  /// Objects that the receiver must have, with all they refer to.
  public var prerequisites: [ObjectID] { manifest.prerequisites }

  /// Opens a bundle; throws `malformedFile` where it cannot be one.
  public init(opening path: Path, files: any StoreFiles = DiskFiles()) throws(StorageError) {
    do { file = try files.open(path) } catch { throw .file(error) }
    self.path = path
    manifest = try Self.manifest(of: file, path: path)
    var offset = file.byteCount - Digest.byteCount - manifest.packs.reduce(0, +)
    var packs: [PackFile] = []
    var places: [StoredKey: (pack: Int, entry: PackEntry)] = [:]
    var order: [StoredKey] = []
    let name = try Self.trailer(of: file, path: path)
    for byteCount in manifest.packs {
      let window = FileWindow(file: file, path: path, offset: offset, byteCount: byteCount)
      let pack = PackFile(name, path: path, reader: window)
      for entry in try pack.footer().entries().sorted(by: { $0.offset < $1.offset }) {
        guard places.updateValue((packs.count, entry), forKey: entry.key) == nil else {
          throw .malformedFile(path, rule: "the same record twice")
        }
        order.append(entry.key)
      }
      packs.append(pack)
      offset += byteCount
    }
    self.packs = packs
    self.places = places
    self.order = order
  }

  private static func manifest(
    of file: any StoreFileReading,
    path: Path
  ) throws(StorageError) -> BundleManifest {
    let malformed = StorageError.malformedFile(path, rule: "no bundle, or not all of one")
    let head = BundleManifest.headByteCount
    guard file.byteCount >= head + Digest.byteCount else { throw malformed }
    let start = try bytes(of: file, at: 0, count: head)
    guard start.starts(with: BundleManifest.mark) else { throw malformed }
    let byteCount = start[8..<12].reversed().reduce(0) { $0 << 8 | Int($1) }
    guard byteCount <= BundleManifest.maximumByteCount,
      byteCount <= file.byteCount - head - Digest.byteCount
    else { throw malformed }
    let document = try bytes(of: file, at: head, count: byteCount)
    guard let manifest = try? BundleManifest(parsing: document) else {
      throw .malformedFile(path, rule: "a manifest that cannot be")
    }
    // Each is at most 2 GiB, and the manifest has room for less than 2^23: no sum overflows.
    guard head + byteCount + manifest.packs.reduce(0, +) + Digest.byteCount == file.byteCount
    else { throw malformed }
    return manifest
  }

  private static func bytes(
    of file: any StoreFileReading,
    at offset: Int,
    count: Int
  ) throws(StorageError) -> [UInt8] {
    do { return try file.bytes(at: offset, count: count) } catch { throw .file(error) }
  }

  private static func trailer(
    of file: any StoreFileReading,
    path: Path
  ) throws(StorageError) -> Digest {
    let start = file.byteCount - Digest.byteCount
    let trailer = try bytes(of: file, at: start, count: Digest.byteCount)
    guard let digest = Digest(bytes: trailer) else {
      throw .malformedFile(path, rule: "no bundle, or not all of one")
    }
    return digest
  }

  /// A key's record, which has its check; nil where the bundle does not carry it.
  func record(_ key: StoredKey) throws(StorageError) -> (record: PackRecord, depth: Int)? {
    guard let (pack, entry) = places[key] else { return nil }
    return (try packs[pack].record(entry), entry.depth)
  }
}
