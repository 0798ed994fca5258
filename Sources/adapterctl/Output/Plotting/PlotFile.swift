internal import ArgumentParser
internal import Files

/// The file that a drawing is written to.
struct PlotFile: ExpressibleByArgument, Sendable {
  private let path: Path

  static var defaultCompletionKind: CompletionKind { .file(extensions: ["svg"]) }

  init?(argument: String) {
    guard Path(argument).hasExtension("svg") else { return nil }
    path = Path(argument)
  }

  /// Throws where there is no directory for the file, before the work for it is done.
  func checkPlace() throws {
    guard path.parent.isDirectory else {
      throw Failure(
        .usage, "not_found", "\(path) cannot be written: \(path.parent) is no directory.")
    }
    if path.isDirectory { throw Failure(FileError.isDirectory(path)) }
  }

  /// Writes a drawing, in place of an earlier one; on an error the earlier one stays.
  func write(_ svg: String) throws {
    let partial = path.parent.appending(".\(path.name).partial")
    do {
      try? partial.removeFile()
      try FileWriter.write(Array(svg.utf8), creating: partial)
      try partial.rename(over: path)
    } catch {
      try? partial.removeFile()
      throw Failure(error)
    }
  }
}
