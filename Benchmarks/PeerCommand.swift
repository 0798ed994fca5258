internal import Digests
internal import Files
internal import Glibc
internal import Storage
internal import Tensors

/// Our side of the comparison with other stores (see `peers/`): a process for each checkpoint, as the
/// others have one. The program itself has no commands for its store yet.
enum PeerCommand {
  /// Carries out one command; ends the process with 1 where it fails.
  static func run(_ arguments: [String]) {
    do {
      switch (arguments.first, arguments.count) {
      case ("make", 3):
        try PeerSeries.write(to: Path(arguments[1]), count: Int(arguments[2]) ?? 0)
      case ("put", 4):
        try put(Path(arguments[3]), as: tag(arguments[2]), in: Path(arguments[1]))
      case ("get", 4):
        try get(tag(arguments[2]), from: Path(arguments[1]), to: Path(arguments[3]))
      default:
        print("Use: peer make FOLDER COUNT, peer put STORE NAME FILE or peer get STORE NAME FILE.")
        exit(64)
      }
    } catch {
      print("Failed: \(error)")
      exit(1)
    }
  }

  /// A chunk of a checkpoint: which part of which tensor it is.
  private struct Part {
    let key: String
    let digest: Digest

    var line: String { "\(key) \(digest)\n" }
  }

  private static let now = Timestamp(seconds: 0)
  /// About as many bytes are handed to the store at once.
  private static let batchByteCount = 16 << 20

  private static func tag(_ name: String) throws -> RefName { try RefName("refs/tags/\(name)") }

  /// Stores a file, tensor by tensor against the checkpoint that was stored last.
  private static func put(_ path: Path, as tag: RefName, in folder: Path) throws {
    guard let kind = ObjectKind("checkpoint") else { return }
    // To create one anew takes syncs, even where it is there.
    let known = try? ObjectStore(opening: folder)
    let store = try known ?? ObjectStore.create(at: folder)
    let main = try RefName("refs/heads/main")
    let old = try store.log.value(of: main)
    let parents = Dictionary(
      try store.log.object(of: main).map { try parts(of: $0, in: store) }.map { parts in
        parts.map { ($0.key, $0.digest) }
      } ?? [],
      uniquingKeysWith: { first, _ in first }
    )
    let transaction = try store.begin(at: now)
    var keys: [String] = []
    var batch: [ChunkInput] = []
    var batched = 0
    var payload = ""
    func flush() throws {
      for (key, digest) in zip(keys, try transaction.put(batch)) {
        payload += Part(key: key, digest: digest).line
      }
      (keys, batch, batched) = ([], [], 0)
    }
    func add(_ bytes: [UInt8], _ name: String, _ layout: ElementLayout) throws {
      for start in stride(from: 0, to: bytes.count, by: ChunkCodec.maximumByteCount) {
        let end = min(bytes.count, start + ChunkCodec.maximumByteCount)
        let key = "\(name)#\(start)"
        keys.append(key)
        batch.append(ChunkInput(Array(bytes[start..<end]), layout: layout, parent: parents[key]))
        batched += end - start
        if batched >= batchByteCount { try flush() }
      }
    }
    let file = try TensorFile(opening: path)
    let tensors = file.tensors.sorted { $0.byteOffset < $1.byteOffset }
    try add(try file.headerBytes(), "header", .bytes)
    for tensor in tensors {
      try add(try file.bytes(of: tensor), tensor.name.text, tensor.dtype.layout)
    }
    try flush()
    let id = try transaction.put(StoredObject(kind: kind, payload: Array(payload.utf8)))
    _ = try transaction.commit(
      [
        RefUpdate(main, from: old, to: .object(id)), RefUpdate(tag, from: nil, to: .object(id)),
      ],
      at: now
    )
  }

  /// Writes a stored file again.
  private static func get(_ tag: RefName, from folder: Path, to path: Path) throws {
    let store = try ObjectStore(opening: folder)
    guard let id = try store.log.object(of: tag) else { return }
    let writer = try FileWriter(creating: path)
    var offset = 0
    try store.chunks(try parts(of: id, in: store).map(\.digest)) {
      (_, chunk) throws(StorageError) in
      do throws(FileError) { try writer.write(chunk, at: offset) } catch { throw .file(error) }
      offset += chunk.count
    }
  }

  private static func parts(of id: ObjectID, in store: ObjectStore) throws -> [Part] {
    let text = String(decoding: try store.object(id).payload, as: UTF8.self)
    return text.split(separator: "\n").compactMap { line in
      guard let space = line.lastIndex(of: " "),
        let digest = Digest(String(line[space...].dropFirst()))
      else { return nil }
      return Part(key: String(line[..<space]), digest: digest)
    }
  }
}

extension DType {
  /// How the store is told to see tensors of this type.
  fileprivate var layout: ElementLayout {
    switch self {
    case .bf16: .bfloat16
    case .f16: .binary16
    case .f32: .binary32
    case .f64: .binary64
    default: .bytes
    }
  }
}
