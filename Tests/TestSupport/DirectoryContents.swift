public import Files

/// The files of a directory with their bytes, for comparing two directories.
public struct DirectoryContents: Equatable {
  /// The bytes of every file, by name.
  public let files: [String: [UInt8]]

  /// Reads a directory; directories inside it count as empty files.
  public init(_ path: Path) throws {
    var files: [String: [UInt8]] = [:]
    for name in try path.entryNames() {
      let entry = path.appending(name)
      files[name] = entry.isFile ? try FileReader.contents(of: entry, limit: 1 << 30) : []
    }
    self.files = files
  }

  /// The names of files that one has and the other has not, or with other bytes, sorted.
  public func differences(from other: DirectoryContents) -> [String] {
    Set(files.keys).union(other.files.keys).filter { files[$0] != other.files[$0] }.sorted()
  }
}
