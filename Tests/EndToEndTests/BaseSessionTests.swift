import Files
import Foundation
import History
import Storage
import TestSupport
import Testing

/// The life of a registered base, as a user sees it.
@Suite struct BaseSessionTests {
  private static let environment = [
    "ADAPTERCTL_TIME": "1700000000", "ADAPTERCTL_AUTHOR_NAME": "Tess",
    "ADAPTERCTL_AUTHOR_EMAIL": "tess@example.org",
  ]

  private static let adapter = "fixtures/lab/runs/lora-r8/checkpoint-600"

  /// A repository with the lab's base in it, and an edited copy.
  private func program() throws -> Program {
    let program = try Program()
    let folder = program.folder.path
    _ = try Repository.create(
      at: folder,
      act: Act(actor: "Tess", command: "test", time: Timestamp(seconds: 1_700_000_000)))
    for name in ["base", "edited"] {
      try FileManager.default.copyItem(
        atPath: Fixtures.folder.appending("lab/base").text, toPath: folder.appending(name).text)
    }
    try Self.flipBit(of: folder.appending("edited/model.safetensors"))
    try folder.appending("edited/tokenizer_config.json").removeFile()
    // Files that were written a moment ago are not trusted to stay as they are.
    Thread.sleep(forTimeInterval: 2.1)
    return program
  }

  /// Turns one bit of the last tensor, and gives the file its old time of change back.
  private static func flipBit(of path: Path) throws {
    let time = try FileManager.default.attributesOfItem(atPath: path.text)[.modificationDate]
    let handle = try #require(FileHandle(forUpdatingAtPath: path.text))
    let end = try handle.seekToEnd()
    try handle.seek(toOffset: end - 1)
    let byte = try #require(try handle.read(upToCount: 1)?.first)
    try handle.seek(toOffset: end - 1)
    handle.write(Data([byte ^ 1]))
    try handle.close()
    try FileManager.default.setAttributes(
      [.modificationDate: try #require(time)], ofItemAtPath: path.text)
  }

  private func transcript(_ program: Program, _ commands: [String]) throws -> String {
    var text = ""
    for command in commands {
      let outcome = try program.run(
        command.split(separator: " ").map(String.init), environment: Self.environment)
      text += "$ adapterctl \(command)\n\(outcome.output)"
      if !outcome.errors.isEmpty { text += "--- standard error\n\(outcome.errors)" }
      text += "--- exit \(outcome.code)\n"
    }
    return text
  }

  @Test func `a base is registered, shown, proved, refused and forgotten`() throws {
    let text = try transcript(
      try program(),
      [
        "base list", "base add base --name lab --source adapterctl/lab-base",
        "base add base --name lab", "base add edited --name lab", "base list", "base show lab",
        "base show lab --json", "base verify base lab", "base verify edited lab",
        "base verify edited lab --json", "base add nowhere", "base add base --name a/../b",
        "merge \(Self.adapter) --base lab -o merged",
        "merge \(Self.adapter) --base lap -o other",
        "verify merged --base lab --adapter \(Self.adapter)", "base remove lab",
        "base remove lab", "base show lab",
      ])
    #expect(!text.contains("\u{1B}"))
    Golden.expect(text, "base-session.txt")
  }

  @Test func `a base that was changed behind its back is refused by name`() throws {
    let program = try program()
    let path = program.folder.path.appending("base/model.safetensors")
    let before = try transcript(
      program, ["base add base --name lab --file-digests", "base show lab"])
    #expect(before.contains("base, unchanged"))
    try Self.flipBit(of: path)
    Golden.expect(
      try transcript(
        program,
        ["base show lab", "merge \(Self.adapter) --base lab -o merged", "base verify base lab"]),
      "base-changed.txt")
    #expect(program.folder.path.appending("merged").kind == nil)
  }

  @Test func `a stored base outlives its files`() throws {
    let program = try program()
    _ = try transcript(program, ["base add base --name lab --store"])
    try program.folder.path.appending("base").removeTree()
    let outcome = try program.run(
      ["merge", Self.adapter, "--base", "lab", "-o", "merged", "--json"],
      environment: Self.environment)
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(
      outcome.output.contains(
        "b3:160a80f05edf8c0c5680fb03cb40dde79bbc97513e04d85e4504ecd96d27fffb"))
    _ = try transcript(program, ["base add edited --name other"])
    try program.folder.path.appending("edited").removeTree()
    let gone = try program.run(
      ["merge", Self.adapter, "--base", "other", "-o", "second"], environment: Self.environment)
    #expect(gone.code == 12)
    #expect(gone.errors.contains("registered by its ids alone"))
  }

  @Test func `commands about bases need a repository`() throws {
    let program = try Program()
    for command in ["base list", "base add fixtures/lab/base", "base show x"] {
      let outcome = try program.run(
        command.split(separator: " ").map(String.init), environment: Self.environment)
      #expect(outcome.code == 10)
    }
  }
}
