public import Files
import Foundation

/// An empty directory that goes away with this object.
public final class TemporaryDirectory {
  /// Where it is.
  public let path: Path

  /// Makes one among the system's temporary files.
  public init() throws {
    path = Path(NSTemporaryDirectory()).appending("adapterctl-tests-\(UUID().uuidString)")
    try path.createDirectories()
  }

  deinit { try? path.removeTree() }

  /// Writes a file into it, over one of the same name; where it is.
  @discardableResult
  public func write(_ bytes: [UInt8], named name: String = "file") throws -> Path {
    let file = path.appending(name)
    try file.removeTree()
    let writer = try FileWriter(creating: file)
    try writer.write(bytes, at: 0)
    return file
  }
}
