internal import Digests
internal import Files
internal import JSON

/// A canonical JSON document in a file, and behind it the digest that says it is whole:
/// document, line feed, `b3:` and 64 digits, line feed.
struct SealedDocument: Sendable {
  static let maximumByteCount = 1 << 20
  private static let sealByteCount = 1 + 3 + 2 * Digest.byteCount + 1

  let document: JSONValue
  /// The digest of the document's bytes.
  let digest: Digest
  /// The file.
  let bytes: [UInt8]

  /// Seals a document.
  init(_ document: JSONValue) throws(StorageError) {
    let bytes = try CanonicalJSON.bytes(of: document)
    self.document = document
    digest = BLAKE3.digest(of: bytes)
    self.bytes = bytes + Array("\n\(digest)\n".utf8)
  }

  /// Reads a sealed document of at most `limit` bytes, 1 MiB unless said.
  init(
    reading path: Path,
    files: any StoreFiles,
    limit: Int = SealedDocument.maximumByteCount
  ) throws(StorageError) {
    let bytes: [UInt8]
    do throws(FileError) {
      let reader = try files.open(path)
      guard reader.byteCount <= limit else {
        throw .failed(path, operation: "read a file of at most \(limit) bytes", errno: 27)
      }
      bytes = try reader.bytes(at: 0, count: reader.byteCount)
    } catch { throw .file(error) }
    guard bytes.count > Self.sealByteCount else {
      throw .malformedFile(path, rule: "no sealed document")
    }
    let body = Array(bytes.dropLast(Self.sealByteCount))
    digest = BLAKE3.digest(of: body)
    guard bytes.suffix(Self.sealByteCount) == Array("\n\(digest)\n".utf8)[...] else {
      throw .malformedFile(path, rule: "a document with another digest")
    }
    do {
      document = try CanonicalJSON.parse(body)
    } catch { throw .malformedFile(path, rule: "a document that is not canonical") }
    self.bytes = bytes
  }
}
