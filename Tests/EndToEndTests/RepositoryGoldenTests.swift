import Files
import Foundation
import TestSupport
import Testing

/// What a user sees of the commands that keep a repository, whole. Time and author are fixed, so that
/// ids are, too.
@Suite struct RepositoryGoldenTests {
  /// A run whose output is held, and the runs after the common start.
  struct Session: CustomTestStringConvertible, Sendable {
    let name: String
    let before: [String]
    let command: String
    var testDescription: String { name }

    init(_ name: String, _ command: String, after before: [String] = []) {
      self.name = name
      self.command = command
      self.before = before
    }
  }

  static let environment = [
    "ADAPTERCTL_TIME": "1800000000", "ADAPTERCTL_AUTHOR_NAME": "Ada",
    "ADAPTERCTL_AUTHOR_EMAIL": "ada@example.org",
  ]
  static let run = "fixtures/lab/runs/lora-r8"

  /// Two checkpoints of one adapter, a tag and a branch.
  static let start = [
    "init", "copy \(run)/checkpoint-450 math", "add math", "commit -m First",
    "tag production", "branch first", "copy \(run)/checkpoint-600 math", "add math",
    "commit -m Second",
  ]

  static let sessions: [Session] =
    ["init", "config", "branch", "tag", "reflog", "op", "undo", "update-ref", "du", "fsck", "gc"]
    .map { Session("help-\($0)", "\($0) --help") } + [
      Session("init-again", "init"),
      Session(
        "config", "config --list",
        after: ["config user.name Eve", "config cache.decompositions 2GiB"]),
      Session("config-json", "config user.name --json", after: ["config user.name Eve"]),
      Session("config-missing", "config user.name"),
      Session("config-unknown", "config user.nam Eve"),
      Session("branch", "branch -v"),
      Session("branch-json", "branch --json"),
      Session("branch-detached", "branch -v", after: ["switch --detach first"]),
      Session("branch-delete-current", "branch -D main"),
      Session(
        "branch-delete-unmerged", "branch -d other",
        after: [
          "switch -c other", "rm math",
          "commit -a -m Gone", "switch main",
        ]),
      Session("tag", "tag", after: ["tag v1 -m Good"]),
      Session("tag-json", "tag --json", after: ["tag v1 -m Good"]),
      Session("tag-exists", "tag production"),
      Session("tag-move", "tag --move production"),
      Session("tag-log", "op log -n1", after: ["tag --move production"]),
      Session("reflog", "reflog"),
      Session("reflog-json", "reflog production --json", after: ["tag --move production"]),
      Session("op-log", "op log -n 3"),
      Session("op-show-json", "op show 7 --json"),
      Session("undo", "undo"),
      Session("undo-json", "undo --json", after: ["undo"]),
      Session("undo-moved", "undo 3"),
      Session("undo-init", "op undo 1"),
      Session("update-ref-elsewhere", "update-ref refs/heads/main first first"),
      Session("symbolic-ref", "symbolic-ref HEAD"),
      Session("du", "du"),
      Session("du-json", "du first HEAD --json"),
      Session("fsck", "fsck"),
      Session("fsck-full", "fsck --full --threads 2"),
      Session("fsck-fast-json", "fsck --fast --json"),
      Session("fsck-damaged", "fsck --full", after: ["damage"]),
      Session("fsck-damaged-json", "fsck --full --json", after: ["damage"]),
      Session("fsck-repair", "fsck --repair", after: ["damage"]),
      Session("gc-dry-run", "gc --dry-run"),
      Session("gc", "gc"),
      Session("gc-json", "gc --prune=now --json"),
      Session("gc-after-gc", "gc --prune=now", after: ["gc"]),
    ]

  @Test(arguments: sessions)
  func `what is printed is what the file holds`(_ session: Session) throws {
    let program = try Program()
    for command in Self.start + session.before { try Self.perform(command, in: program) }
    let outcome = try program.run(
      session.command.split(separator: " ").map(String.init), environment: Self.environment)
    // Where the test runs is no part of what is held.
    let top = program.folder.path.resolved.text
    var text = "$ adapterctl \(session.command)\n\(outcome.output)"
    if !outcome.errors.isEmpty { text += "--- standard error\n\(outcome.errors)" }
    text += "--- exit \(outcome.code)\n"
    Golden.expect(
      text.replacingOccurrences(of: top, with: "/top"), "repository/\(session.name).txt")
  }

  /// A command of adapterctl, or `copy FROM TO`, `rm NAME` and `damage`, which flips one bit of the
  /// largest pack.
  private static func perform(_ command: String, in program: Program) throws {
    let words = command.split(separator: " ").map(String.init)
    let folder = program.folder.path
    switch words[0] {
    case "copy":
      try folder.appending(words[2]).removeTree()
      try FileManager.default.copyItem(
        atPath: Fixtures.folder.parent.appending(words[1]).text,
        toPath: folder.appending(words[2]).text)
    case "rm": try folder.appending(words[1]).removeTree()
    case "damage":
      let packs = folder.appending(".adapterctl/packs")
      var largest: (path: Path, bytes: [UInt8])?
      for name in try packs.entryNames() {
        let path = packs.appending(name)
        let bytes = try FileReader.contents(of: path, limit: 1 << 24)
        if bytes.count > largest?.bytes.count ?? 0 { largest = (path, bytes) }
      }
      var (path, bytes) = try #require(largest)
      bytes[bytes.count / 3] ^= 4
      try path.removeTree()
      try FileWriter.write(bytes, creating: path)
    default:
      let outcome = try program.run(words, environment: environment)
      #expect(outcome.code == 0, "\(command): \(outcome.errors)")
    }
  }
}
