import Files
import Testing

/// A Swift file under `Sources/`, and what stands in it.
struct SourceFile {
  /// The path below `Sources/`, such as `Files/Path.swift`.
  let name: String
  /// The lines as they stand.
  let lines: [String]
  /// The lines without comments and strings; as many.
  let codeLines: [String]

  /// The room: the first folder of the path.
  var room: String { String(name.prefix { $0 != "/" }) }

  /// What it imports, with the words before `import`, in order.
  var imports: [(module: String, isPublic: Bool)] {
    codeLines.compactMap { line in
      guard let match = line.wholeMatch(of: /\s*((?:@\w+ +|\w+ +)*)import +(?:\w+ +)?(\w+).*/)
      else { return nil }
      return (String(match.2), match.1.contains("public"))
    }
  }

  /// The lines of code in which a pattern occurs, as `name:line`.
  func places(of pattern: some RegexComponent) -> [String] {
    codeLines.enumerated().compactMap { number, line in
      line.contains(pattern) ? "\(name):\(number + 1)" : nil
    }
  }

  /// Every Swift file of the sources, sorted by name.
  static let all: [SourceFile] = {
    do { return try read(Repository.root.appending("Sources"), named: "") } catch {
      Issue.record("the sources cannot be read: \(error)")
      return []
    }
  }()

  private static func read(_ folder: Path, named prefix: String) throws -> [SourceFile] {
    try folder.entryNames().flatMap { entry -> [SourceFile] in
      let path = folder.appending(entry)
      if path.isDirectory { return try read(path, named: prefix + entry + "/") }
      guard entry.hasSuffix(".swift") else { return [] }
      let text = try Repository.text(path)
      return [
        SourceFile(
          name: prefix + entry, lines: Repository.lines(text),
          codeLines: Repository.lines(CodeScanner.code(of: text)))
      ]
    }
  }
}

/// The files of this package.
enum Repository {
  /// Its top folder.
  static let root = Path(#filePath).parent.parent.parent

  /// A file's text.
  static func text(_ path: Path) throws -> String {
    String(decoding: try FileReader.contents(of: path, limit: 1 << 20), as: UTF8.self)
  }

  /// A text's lines, empty ones included.
  static func lines(_ text: String) -> [String] {
    text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }
}
