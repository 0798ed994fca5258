public import Files
internal import JSON

/// The files a checkpoint is written to: which tensor goes where, before the first byte is written.
public struct CheckpointLayout: Sendable {
  /// One file of weights.
  public struct Shard: Sendable {
    /// The file's name in the directory.
    public let fileName: String
    /// Its first bytes.
    public let headerBytes: [UInt8]
    /// Its tensors, in file order; in a GGUF file `placements` tells where they go.
    public let tensors: [TensorInfo]
    /// The size of the whole file.
    public let fileByteCount: Int
    /// Where each tensor goes in a GGUF file; empty for other files, which have them as they are.
    public let placements: [GGUFPlacement]
    /// What is copied from the base's file as it is.
    public let copies: [Copy]

    /// Bytes of another file.
    public struct Copy: Sendable {
      let reader: FileReader
      let range: Range<Int>
      let byteOffset: Int
    }

    /// A safetensors file with its header.
    public init(fileName: String, header: SafetensorsHeader) {
      self.fileName = fileName
      headerBytes = header.bytes
      tensors = header.tensors
      fileByteCount = header.fileByteCount
      (placements, copies) = ([], [])
    }

    init(
      fileName: String, headerBytes: [UInt8], tensors: [TensorInfo], fileByteCount: Int,
      placements: [GGUFPlacement], copies: [Copy]
    ) {
      self.fileName = fileName
      self.headerBytes = headerBytes
      self.tensors = tensors
      self.fileByteCount = fileByteCount
      self.placements = placements
      self.copies = copies
    }

    /// Creates the file with its header, and what it takes from the base's as it is.
    public func create(at path: Path) throws(FileError) -> FileWriter {
      let writer = try FileWriter(creating: path)
      try writer.write(headerBytes, at: 0)
      // Tensors of GGUF files are padded, the last one too.
      if !placements.isEmpty { try writer.write([0], at: fileByteCount - 1) }
      for copy in copies {
        for start in stride(from: 0, to: copy.range.count, by: 4 << 20) {
          let count = min(4 << 20, copy.range.count - start)
          try writer.write(
            try copy.reader.bytes(at: copy.range.lowerBound + start, count: count),
            at: copy.byteOffset + start)
        }
      }
      return writer
    }
  }

  /// A file of weights to be laid out.
  public struct Part: Sendable {
    /// The file's name, ending in `.safetensors`.
    public var fileName: String
    /// Its tensors in file order.
    public var entries: [SafetensorsHeader.Entry]
    /// Its own notes.
    public var metadata: [(key: String, value: String)]
    /// The header to keep where the file's tensors stay as they are.
    public var kept: SafetensorsHeader?

    /// A file of weights to be laid out.
    public init(
      fileName: String, entries: [SafetensorsHeader.Entry],
      metadata: [(key: String, value: String)], kept: SafetensorsHeader? = nil
    ) {
      self.fileName = fileName
      self.entries = entries
      self.metadata = metadata
      self.kept = kept
    }

    /// The bytes of the tensors.
    var payloadByteCount: Int {
      entries.reduce(0) { $0 + ($1.shape.byteCount(of: $1.dtype) ?? 0) }
    }
  }

  /// The files, in order.
  public let shards: [Shard]
  /// The index file, where there is one: its name and its bytes.
  public let index: (fileName: String, bytes: [UInt8])?

  /// Lays out parts as they are given; `index` is written where the base has one or there are
  /// several parts. An index that would say the same as the base's is kept byte for byte.
  public init(_ parts: [Part], baseIndex: ShardIndex?, baseIndexBytes: [UInt8]?) {
    shards = parts.map { part in
      Shard(
        fileName: part.fileName,
        header: part.kept ?? SafetensorsHeader(part.entries, metadata: part.metadata))
    }
    guard baseIndex != nil || parts.count > 1 else {
      index = nil
      return
    }
    let isKept =
      parts.allSatisfy { $0.kept != nil }
      && baseIndex.map { $0.fileNamesAgree(with: parts) } == true
    if isKept, let baseIndex, let baseIndexBytes {
      index = (baseIndex.fileName, baseIndexBytes)
      return
    }
    var document = baseIndex?.document ?? ["metadata": [:]]
    let places = parts.flatMap { part in part.entries.map { ($0.name, part.fileName) } }
    document.set(
      "weight_map",
      to: .object(
        places.sorted { $0.0 < $1.0 }.map { .init($0.0.text, .string($0.1)) }))
    var metadata = document["metadata"] ?? [:]
    metadata.set("total_size", to: .integer(parts.reduce(0) { $0 + $1.payloadByteCount }))
    document.set("metadata", to: metadata)
    let name = baseIndex.map(\.fileName).flatMap { $0.contains("safetensors") ? $0 : nil }
    index = (
      name ?? "model.safetensors.index.json", Array((document.text(.indented) + "\n").utf8)
    )
  }

  /// The bytes of all files of weights.
  public var byteCount: Int { shards.reduce(0) { $0 + $1.fileByteCount } }
}

extension ShardIndex {
  fileprivate func fileNamesAgree(with parts: [CheckpointLayout.Part]) -> Bool {
    Set(places.map(\.fileName)) == Set(parts.map(\.fileName))
  }
}

extension CheckpointLayout {
  /// Files whose headers are known, without an index.
  public init(shards: [Shard]) {
    self.shards = shards
    index = nil
  }
}
