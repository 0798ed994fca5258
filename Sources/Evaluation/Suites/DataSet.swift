internal import Digests
internal import Files
internal import JSON

/// The records of a task, as its file has them.
struct DataSet {
  /// The records with the lines they begin at.
  let records: [(value: JSONValue, line: Int)]
  /// The digest of the file.
  let digest: Digest
  /// The number of records in the file, also those beyond the limit.
  let totalCount: Int

  /// Reads a file and cuts it.
  init(_ source: DataSource) throws(EvaluationError) {
    let bytes: [UInt8]
    do {
      bytes = try FileReader.contents(of: source.path, limit: 2 << 30)
    } catch { throw .file(error) }
    if let wanted = source.sha256 {
      let hasher = SHA256()
      hasher.append(bytes)
      guard hasher.digest.hexadecimal == wanted.lowercased() else {
        throw .malformedData(
          source.path, line: 0, rule: "has the SHA-256 \(hasher.digest.hexadecimal), not \(wanted)")
      }
    }
    digest = BLAKE3.digest(of: bytes)
    let all: [(value: JSONValue, line: Int)]
    switch source.format {
    case .jsonl: all = try Self.lines(bytes, source.path)
    case .json: all = try Self.array(bytes, source.path)
    case .text(let split): all = try Self.texts(bytes, split: split, source.path)
    }
    guard !all.isEmpty else {
      throw .malformedData(source.path, line: 0, rule: "has no documents")
    }
    totalCount = all.count
    records = source.limit.map { Array(all.prefix($0)) } ?? all
  }

  private static func lines(
    _ bytes: [UInt8], _ path: Path
  ) throws(EvaluationError) -> [(value: JSONValue, line: Int)] {
    var records: [(value: JSONValue, line: Int)] = []
    var start = 0
    var line = 0
    while start < bytes.count {
      let end = bytes[start...].firstIndex(of: 0x0A) ?? bytes.count
      line += 1
      let text = bytes[start..<end]
      start = end + 1
      if text.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { continue }
      do {
        records.append((try JSONValue(parsing: Array(text)), line))
      } catch {
        guard
          case .malformedDocument(_, let reason, _, let column) = EvaluationError.document(
            error, in: path, Array(text))
        else { continue }
        throw .malformedDocument(path, reason, line: line, column: column)
      }
    }
    return records
  }

  private static func array(
    _ bytes: [UInt8], _ path: Path
  ) throws(EvaluationError) -> [(value: JSONValue, line: Int)] {
    let document: JSONValue
    do { document = try JSONValue(parsing: bytes) } catch {
      throw .document(error, in: path, bytes)
    }
    guard let elements = document.elements else {
      throw .malformedData(path, line: 1, rule: "is not a JSON array")
    }
    return elements.enumerated().map { ($1, $0 + 1) }
  }

  private static func texts(
    _ bytes: [UInt8], split: String?, _ path: Path
  ) throws(EvaluationError) -> [(value: JSONValue, line: Int)] {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw .malformedData(path, line: 1, rule: "is not UTF-8")
    }
    guard let split else { return text.isEmpty ? [] : [(["text": .string(text)], 1)] }
    var documents: [(value: JSONValue, line: Int)] = []
    for part in text.split(separator: split) {
      var part = part[...]
      while part.first?.isWhitespace == true { part.removeFirst() }
      while part.last?.isWhitespace == true { part.removeLast() }
      if !part.isEmpty { documents.append((["text": .string(String(part))], documents.count + 1)) }
    }
    return documents
  }
}
