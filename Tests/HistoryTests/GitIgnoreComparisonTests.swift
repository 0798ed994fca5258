import Files
import Foundation
import TestSupport
import Testing

@testable import History

/// Random rules, by git and by this program, over the same files.
@Suite struct GitIgnoreComparisonTests {
  private static let git: String? = ["/usr/bin/git", "/usr/local/bin/git"]
    .first { FileManager.default.isExecutableFile(atPath: $0) }
  /// Rule sets, each for the paths of one tree.
  private static let ruleSetCount =
    ProcessInfo.processInfo.environment["ADAPTERCTL_SLOW_TESTS"] != nil ? 2_000 : 40
  private static let seed: UInt64 = 0x5EED_1640

  private static let names = ["a", "b", "ab", "a.pt", "b.pt", "ba", " a", "a ", "#a", "!b", "[a]"]
  private static let pieces = [
    "a", "b", "a", "b", "*", "?", "**", "/", "/", "**/", "/**", "/**/", "[ab]", "[!a]", "[^b]",
    "[a-b]", "[[:alpha:]]", "[[:punct:] ]", "[]]", "[", "]", "[a/b]", "\\", "\\a", "\\*", "\\ ",
    " ",
    ".", ".pt", "*.pt", "#", "!", "-", "[a-", "[b-a]", "[\\]a]", "ab", "\r", "\t",
  ]

  private static func rules(_ generator: inout SeededGenerator) -> String {
    var text = ""
    for _ in 0...generator.index(below: 4) {
      if generator.index(below: 4) == 0 { text += "!" }
      if generator.index(below: 4) == 0 { text += "/" }
      for _ in 0...generator.index(below: 4) {
        text += pieces[generator.index(below: pieces.count)]
      }
      text += ["", "", "/", " ", "\r"][generator.index(below: 5)] + "\n"
    }
    return text
  }

  /// The directories and files of one tree, directories first, the outer before the inner.
  private static func tree(_ generator: inout SeededGenerator) -> [(path: String, isFolder: Bool)] {
    var folders = [""]
    var entries: [(String, Bool)] = []
    var taken: Set<String> = []
    for number in 0..<40 {
      let parent = folders[generator.index(below: folders.count)]
      let path = parent + names[generator.index(below: names.count)]
      guard taken.insert(path).inserted else { continue }
      let isFolder = number < 15
      if isFolder { folders.append(path + "/") }
      entries.append((path, isFolder))
    }
    return entries
  }

  private static func ignoredByGit(_ paths: [String], in folder: Path) throws -> Set<String> {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try #require(git))
    process.arguments = [
      "-c", "core.excludesFile=", "-c", "core.ignoreCase=false", "-C", folder.text,
      "check-ignore", "--no-index", "-z", "--stdin",
    ]
    let input = Pipe(), output = Pipe()
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    input.fileHandleForWriting.write(Data(paths.joined(separator: "\0").utf8))
    try input.fileHandleForWriting.close()
    let answer = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    #expect(process.terminationStatus <= 1)
    return Set(String(decoding: answer, as: UTF8.self).split(separator: "\0").map(String.init))
  }

  @Test(.enabled(if: git != nil))
  func `ignores what git ignores`() throws {
    var caseCount = 0
    var ignoredCount = 0
    for number in 0..<Self.ruleSetCount {
      var generator = SeededGenerator(seed: Self.seed &+ UInt64(number))
      let folder = try TemporaryDirectory()
      try folder.path.appending(".git/objects").createDirectories()
      try folder.path.appending(".git/refs").createDirectories()
      try folder.write(Array("ref: refs/heads/main\n".utf8), named: ".git/HEAD")
      let tree = Self.tree(&generator)
      for (path, isFolder) in tree {
        if isFolder {
          try folder.path.appending(path).createDirectories()
        } else {
          try folder.write([], named: path)
        }
      }
      var rules = IgnoreRules()
      var note = "seed \(Self.seed &+ UInt64(number))"
      let nested = tree.filter(\.isFolder).map(\.path).prefix(1 + generator.index(below: 3))
      for base in [""] + (number % 2 == 0 ? [] : nested) {
        let text = Self.rules(&generator)
        try folder.write(
          Array(text.utf8), named: base.isEmpty ? ".gitignore" : base + "/.gitignore")
        rules.add(text, in: base)
        note += ", \(base.debugDescription): \(text.debugDescription)"
      }
      let byGit = try Self.ignoredByGit(tree.map(\.path), in: folder.path)
      for (path, isFolder) in tree {
        caseCount += 1
        if byGit.contains(path) { ignoredCount += 1 }
        #expect(
          rules.ignores(path, isDirectory: isFolder) == byGit.contains(path),
          "\(path.debugDescription), \(note)")
      }
    }
    #expect(caseCount > 20 * Self.ruleSetCount)
    #expect(ignoredCount > caseCount / 20)
  }
}
