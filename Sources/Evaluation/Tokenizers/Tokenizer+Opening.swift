internal import Digests
public import Files
internal import JSON

extension Tokenizer {
  /// Opens the tokenizer beside a model: `tokenizer.json` in its folder.
  ///
  /// Throws for a component that is not understood, by its path in the document.
  public init(besideModelAt path: Path) throws(EvaluationError) {
    let folder = path.isDirectory ? path : path.parent
    let file = folder.appending("tokenizer.json")
    guard file.isFile else { throw .noTokenizer(folder) }
    try self.init(opening: file)
  }

  /// Opens a `tokenizer.json`.
  public init(opening file: Path) throws(EvaluationError) {
    let bytes: [UInt8]
    do { bytes = try FileReader.contents(of: file, limit: 256 << 20) } catch { throw .file(error) }
    let document: TokenizerDocument
    do {
      document = try TokenizerDocument(bytes)
    } catch { throw .document(error, in: file, bytes) }
    let reader = TokenizerReader(file: file, document: document)
    let parts = try reader.normalizerAndSplitter()
    let template = try reader.template()
    digest = BLAKE3.digest(of: bytes)
    beginning = template.beginning
    ending = template.ending
    added = try reader.addedTokens()
    normalizer = parts.normalizer
    splitter = parts.splitter
    model = try reader.model(isByteLevel: parts.isByteLevel)
    var texts: [Int: String] = [:]
    for (bytes, id) in document.vocabulary { texts[id] = String(decoding: bytes, as: UTF8.self) }
    for (text, id) in added.special { texts[id] = text }
    self.texts = texts
  }
}

extension EvaluationError {
  /// A malformed document with the line and the column of what is wrong in it.
  static func document(_ error: JSONError, in file: Path, _ bytes: [UInt8]) -> EvaluationError {
    var (line, column) = (1, 1)
    if case .malformed(let offset, _) = error {
      let before = bytes.prefix(offset)
      line = before.reduce(1) { $0 + ($1 == 0x0A ? 1 : 0) }
      column = before.reversed().prefix { $0 != 0x0A }.count + 1
    }
    return .malformedDocument(file, error, line: line, column: column)
  }
}
