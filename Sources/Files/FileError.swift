/// What the file system refused, with the path it was about.
public enum FileError: Error, Hashable, Sendable {
  /// Nothing is there.
  case notFound(Path)
  /// A directory stands where a file is needed.
  case isDirectory(Path)
  /// A file stands where a directory is needed.
  case notDirectory(Path)
  /// Something is there already and may not be replaced.
  case exists(Path)
  /// The user may not do this.
  case notPermitted(Path)
  /// The disk or the quota is full.
  case noSpace(Path)
  /// The file would be larger than the file system, or a limit of the process, lets it be.
  case tooLarge(Path)
  /// A device, a pipe or a socket stands where a file is needed.
  case notRegular(Path)
  /// The file ended before the bytes that were asked for.
  case truncated(Path, offset: Int, wanted: Int)
  /// Any other refusal, with the system's number for it.
  case failed(Path, operation: String, errno: Int32)

  /// The same refusal under another name: what is written under a temporary name is known to the
  /// user by its final one.
  public func renaming(_ folder: Path, to final: Path) -> FileError {
    let inside = folder.text + "/"
    guard path == folder || path.text.hasPrefix(inside) else { return self }
    let path =
      path == folder ? final : final.appending(String(path.text.dropFirst(inside.count)))
    switch self {
    case .notFound: return .notFound(path)
    case .isDirectory: return .isDirectory(path)
    case .notDirectory: return .notDirectory(path)
    case .exists: return .exists(path)
    case .notPermitted: return .notPermitted(path)
    case .noSpace: return .noSpace(path)
    case .tooLarge: return .tooLarge(path)
    case .notRegular: return .notRegular(path)
    case .truncated(_, let offset, let wanted):
      return .truncated(path, offset: offset, wanted: wanted)
    case .failed(_, let operation, let number):
      return .failed(path, operation: operation, errno: number)
    }
  }

  /// The path the refusal is about.
  public var path: Path {
    switch self {
    case .notFound(let path), .isDirectory(let path), .notDirectory(let path), .exists(let path),
      .notPermitted(let path), .noSpace(let path), .tooLarge(let path), .notRegular(let path),
      .truncated(let path, _, _),
      .failed(let path, _, _):
      return path
    }
  }
}
