import Files
import Testing

/// Holds the documents to the man pages, which are made from the program itself.
struct DocumentTests {
  static let documents = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "Sources/README.md"]

  /// The options of each command, by its name; those of the program itself under the empty name.
  private static func options() throws -> [String: Set<String>] {
    let folder = Repository.root.appending("man")
    var options: [String: Set<String>] = [:]
    for page in try folder.entryNames() {
      guard let match = page.wholeMatch(of: /adapterctl(?:\.([\w.-]+))?\.1/) else { continue }
      let text = try Repository.text(folder.appending(page))
      var names: Set<String> = []
      for line in Repository.lines(text) where line.hasPrefix(".It Fl ") {
        let flags = line.dropFirst(7).prefix { $0 != "A" }
        for flag in flags.split(whereSeparator: { " ,".contains($0) }) { names.insert("-" + flag) }
        if line.hasPrefix(".It Fl C ") { names.insert("-C") }
      }
      let name = match.1.map { $0.split(separator: ".").joined(separator: " ") }
      options[name ?? ""] = names
    }
    return options
  }

  @Test(arguments: documents)
  func `documents name commands and options that exist`(document: String) throws {
    let options = try Self.options()
    let all = options.values.reduce(into: Set<String>()) { $0.formUnion($1) }
    let text = try Repository.text(Repository.root.appending(document))
    for command in Self.commands(in: text) {
      let words = command.split(separator: " ").map(String.init)
      let first = words.dropFirst().first { !$0.hasPrefix("-") } ?? ""
      let both = words.dropFirst().prefix(2).joined(separator: " ")
      // A command of a command, such as `base add`.
      let name = options[both] == nil ? first : both
      guard let known = options[name] else {
        Issue.record("\(document) has a command that does not exist: \(command)")
        continue
      }
      for word in words.dropFirst() {
        guard let flag = word.wholeMatch(of: /(--?[a-zA-Z][a-z-]*)(=.*)?/)?.1 else { continue }
        #expect(known.contains(String(flag)), "\(document): \(command)")
      }
    }
    for span in Self.spans(in: text) {
      guard let flag = span.prefixMatch(of: /--[a-z][a-z-]*/) else { continue }
      #expect(all.contains(String(flag.0)), "\(document): \(span)")
    }
  }

  @Test func `every command has its man page, and the front page names every command`() throws {
    let options = try Self.options()
    let text = try Repository.text(Repository.root.appending("README.md"))
    for name in options.keys where !name.isEmpty && name != "help" && !name.contains(" ") {
      #expect(text.contains("adapterctl \(name)"), "README.md does not show \(name)")
    }
    let commands = SourceFile.all.filter {
      $0.name.hasPrefix("adapterctl/Commands/") && !$0.name.contains("+")
    }
    // A command of a command stands in a file of its own, or in that of the command.
    let nested = options.keys.filter { $0.contains(" ") }
    let own = nested.filter { name in
      let file = name.split(separator: " ").map { $0.prefix(1).uppercased() + $0.dropFirst() }
      return commands.contains { $0.name.hasSuffix("/\(file.joined())Command.swift") }
    }
    #expect(
      options.count - nested.count + own.count == commands.count + 2,
      "the program itself, help, and each command")
  }

  @Test func `links lead to files that exist`() throws {
    for document in Self.documents {
      let path = Repository.root.appending(document)
      for match in try Repository.text(path).matches(of: /\]\(([^)#:]+)(#[^)]*)?\)/) {
        #expect(path.parent.appending(String(match.1)).kind != nil, "\(document): \(match.1)")
      }
    }
  }

  /// The lines of `adapterctl` in blocks and spans of code, without a prompt and with the lines
  /// that continue them.
  private static func commands(in text: String) -> [String] {
    let fenced = text.replacing(/\\\n\s*/, with: "").split(separator: "```").enumerated()
      .filter { $0.offset % 2 == 1 }.map(\.element).joined(separator: "\n")
    let blocks = fenced.matches(of: /(?m)^(?:\$ )?(adapterctl -*[a-z].*)$/).map { String($0.1) }
    return blocks + spans(in: text).filter { $0.hasPrefix("adapterctl ") }
  }

  private static func spans(in text: String) -> [String] {
    text.matches(of: /`([^`\n]+)`/).map { String($0.1) }
  }
}
