internal import Compute
internal import Files
internal import JSON
internal import Synchronization
internal import Tensors

/// The file beside a merged model that makes unmerging bit-exact: the corrections of every touched
/// tensor (FORMATS §17) and the factors of those with magnitudes. RESIDUAL.md is its description.
public enum ResidualFile {
  /// Its name in the merged model's directory.
  public static let fileName = "adapterctl.residual"
  /// The elements that one section of corrections covers; a multiple of every job's.
  static let sectionElementCount = 1 << 24
  /// The file's first bytes.
  static let magic = Array("adapterctl residual 1\n\0\0".utf8)
  /// The file's last bytes, after the footer's length.
  static let endMagic = Array("ACRESEND".utf8)

  /// A run of bytes in the file.
  struct Section: Hashable, Sendable {
    let offset: Int
    let byteCount: Int

    var json: JSONValue { [.integer(offset), .integer(byteCount)] }

    init(offset: Int, byteCount: Int) {
      self.offset = offset
      self.byteCount = byteCount
    }

    init?(_ json: JSONValue?) {
      guard let pair = json?.elements, pair.count == 2, let offset = pair[0].integer,
        let byteCount = pair[1].integer, offset >= 0, byteCount >= 0
      else { return nil }
      self.init(offset: offset, byteCount: byteCount)
    }
  }

  /// What the file holds of one tensor.
  struct Entry: Hashable, Sendable {
    let tensor: TensorName
    /// The base's elements that are corrected.
    let elementCount: Int
    /// The corrections, a section for every `sectionElementCount` elements.
    var sections: [Section] = []
    /// DoRA's factors c of every contribution with magnitudes, one list after the other, as
    /// little-endian Float; nil where there are none.
    var magnitudes: Section?
  }
}

/// Writes a residual, section after section in the order of the plan, whichever thread has them.
final class ResidualWriter: Sendable {
  private let writer: FileWriter
  private let state: Mutex<State>

  private struct State {
    var entries: [ResidualFile.Entry]
    /// The entry that is written now; later ones wait in `stash`.
    var current = 0
    var isFinished: Set<Int> = []
    var stash: [Int: [Piece]] = [:]
    var offset = ResidualFile.magic.count
  }

  private enum Piece {
    case corrections([UInt8])
    case magnitudes([UInt8])
  }

  init(creating path: Path, tensors: [(name: TensorName, elementCount: Int)]) throws(FileError) {
    writer = try FileWriter(creating: path)
    state = Mutex(
      State(entries: tensors.map { .init(tensor: $0.name, elementCount: $0.elementCount) }))
    try writer.write(ResidualFile.magic, at: 0)
  }

  /// Adds the next section of corrections of tensor number `tensor`.
  func append(corrections: [UInt8], of tensor: Int) throws(FileError) {
    try append(.corrections(corrections), of: tensor)
  }

  /// Adds the factors of tensor number `tensor`.
  func append(magnitudes: [Float], of tensor: Int) throws(FileError) {
    let bytes = magnitudes.flatMap { factor in
      (0..<4).map { UInt8(truncatingIfNeeded: factor.bitPattern >> (8 * UInt32($0))) }
    }
    try append(.magnitudes(bytes), of: tensor)
  }

  /// Says that tensor number `tensor` has all its sections.
  func finish(_ tensor: Int) throws(FileError) {
    try state.withLock { state throws(FileError) in
      state.isFinished.insert(tensor)
      while state.isFinished.contains(state.current) {
        state.current += 1
        for piece in state.stash.removeValue(forKey: state.current) ?? [] {
          try Self.write(piece, of: state.current, to: writer, &state)
        }
      }
    }
  }

  /// Writes the footer and syncs.
  func close() throws(FileError) {
    let (entries, offset) = state.withLock { ($0.entries, $0.offset) }
    var bytes = Array(Self.footer(entries).text().utf8)
    let count = bytes.count
    bytes += (0..<8).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) }
    bytes += ResidualFile.endMagic
    try writer.write(bytes, at: offset)
    try writer.sync()
  }

  private func append(_ piece: Piece, of tensor: Int) throws(FileError) {
    try state.withLock { state throws(FileError) in
      if tensor == state.current {
        try Self.write(piece, of: tensor, to: writer, &state)
      } else {
        state.stash[tensor, default: []].append(piece)
      }
    }
  }

  private static func write(
    _ piece: Piece, of tensor: Int, to writer: FileWriter, _ state: inout State
  ) throws(FileError) {
    let bytes: [UInt8]
    switch piece {
    case .corrections(let corrections): bytes = corrections
    case .magnitudes(let magnitudes): bytes = magnitudes
    }
    let section = ResidualFile.Section(offset: state.offset, byteCount: bytes.count)
    try writer.write(bytes, at: state.offset)
    state.offset += bytes.count
    switch piece {
    case .corrections: state.entries[tensor].sections.append(section)
    case .magnitudes: state.entries[tensor].magnitudes = section
    }
  }

  private static func footer(_ entries: [ResidualFile.Entry]) -> JSONValue {
    [
      "schema": "adapterctl.residual/1",
      "section_elements": .integer(ResidualFile.sectionElementCount),
      "tensors": .array(
        entries.map { entry in
          var json: JSONValue = [
            "name": .string(entry.tensor.text),
            "elements": .integer(entry.elementCount),
            "sections": .array(entry.sections.map(\.json)),
          ]
          if let magnitudes = entry.magnitudes { json.set("magnitudes", to: magnitudes.json) }
          return json
        }),
    ]
  }
}
