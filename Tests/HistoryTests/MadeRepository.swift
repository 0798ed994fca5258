import Adapters
import Files
import Foundation
import History
import JSON
import Storage
import Tensors
import TestSupport

/// A repository and a model for one test, gone with it.
final class MadeRepository {
  let folder: TemporaryDirectory
  let repository: Repository
  /// A time at which every file of the test is old.
  static let later = Timestamp(seconds: 4_000_000_000)

  init() throws {
    folder = try TemporaryDirectory()
    repository = try Repository.create(at: folder.path, act: Self.act("init")).repository
  }

  static func act(_ summary: String) -> Act {
    Act(
      actor: "Tess <tess@example.org>", command: "test", summary: summary,
      time: Timestamp(seconds: 1_700_000_000))
  }

  /// Writes a model of two tensors, the bytes of the first one given by `fill`, beside a
  /// configuration.
  @discardableResult
  func model(_ name: String = "model", fill: UInt8 = 7) throws -> Path {
    let path = folder.path.appending(name)
    try path.createDirectories()
    try write(Self.safetensors(fill: fill), to: path.appending("model.safetensors"))
    try write(
      Array(#"{"architectures":["LlamaForCausalLM"]}"#.utf8), to: path.appending("config.json"))
    return path
  }

  /// The file of a model.
  static func safetensors(fill: UInt8, count: Int = 1 << 19) -> [UInt8] {
    let header = Array(
      JSONValue.object([
        .init(
          "first",
          [
            "dtype": "F32", "shape": [.integer(count), 1],
            "data_offsets": [0, .integer(4 * count)],
          ]),
        .init(
          "second",
          [
            "dtype": "F32", "shape": [2],
            "data_offsets": [.integer(4 * count), .integer(4 * count + 8)],
          ]),
      ]).text().utf8)
    let length = (0..<8).map { UInt8(truncatingIfNeeded: header.count >> ($0 * 8)) }
    return length + header + [UInt8](repeating: fill, count: 4 * count)
      + [0, 0, 128, 63, 0, 0, 0, 64]
  }

  /// Writes a file over what is there, in place.
  func write(_ bytes: [UInt8], to path: Path) throws {
    try? path.removeTree()
    try FileWriter.write(bytes, creating: path)
  }

  func cache(now: Timestamp = later, distrusted: Bool = false) -> DigestCache {
    DigestCache(repository, now: now, distrusted: distrusted)
  }

  func contents(of path: Path, _ cache: DigestCache? = nil) throws -> BaseContents {
    try BaseContents(of: try Checkpoint(opening: path), cache: cache)
  }
}
