internal import Files
public import JSON

/// The index file of a sharded checkpoint: which tensor is in which shard.
public struct ShardIndex: Sendable {
  /// The index file's name, `model.safetensors.index.json`.
  public let fileName: String
  /// The whole document.
  public let document: JSONValue

  /// Reads an index; the document must hold `weight_map`, an object of strings.
  init(reading path: Path) throws(TensorError) {
    let bytes: [UInt8]
    do {
      bytes = try FileReader.contents(of: path, limit: 256 << 20)
    } catch { throw .file(error) }
    do {
      document = try JSONValue(parsing: bytes)
    } catch { throw .malformedDocument(path, error) }
    fileName = path.name
    guard let members = document["weight_map"]?.members,
      members.allSatisfy({ $0.value.string != nil })
    else { throw .inconsistentIndex(path, rule: "has no weight_map from names to files") }
    for member in members where !Self.isPlainName(member.value.string ?? "") {
      throw .inconsistentIndex(
        path, rule: "places \(member.key) in a file outside its directory")
    }
  }

  /// Which shard holds which tensor, by file name, in the order of the document.
  public var places: [(name: TensorName, fileName: String)] {
    (document["weight_map"]?.members ?? []).map {
      (TensorName($0.key), $0.value.string ?? "")
    }
  }

  private static func isPlainName(_ name: String) -> Bool {
    !name.isEmpty && !name.contains("/") && name != "." && name != ".."
  }
}
