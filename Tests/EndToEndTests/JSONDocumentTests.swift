import Files
import JSON
import TestSupport
import Testing

/// With `--json` every command that succeeds prints one document, and every one that fails ends standard
/// error with one.
@Suite struct JSONDocumentTests {
  /// Commands after a common start, and how they end.
  static let commands: [(line: String, code: Int32)] = [
    ("init", 0), ("add math", 0), ("add nothing", 64), ("status", 0), ("status --exit-code", 0),
    ("log", 0), ("log nowhere", 64), ("show", 0), ("show --stat", 0), ("show HEAD:./math", 0),
    ("blame math", 0), ("commit -m Same", 1), ("commit -m Empty --allow-empty", 0),
    ("branch", 0), ("branch -a", 0), ("branch --show-current", 0), ("branch --list f*", 0),
    ("branch made", 0),
    ("branch made", 64), ("branch -f made HEAD~1", 0), ("branch -m made renamed", 0),
    ("branch -d renamed", 0), ("branch -d renamed", 64),
    ("switch -c side", 0), ("switch -", 0), ("switch nowhere", 64), ("checkout -", 0),
    ("checkout main", 0), ("checkout -- math", 0), ("checkout first math", 0),
    ("checkout HEAD:math -o out", 0), ("checkout HEAD:math -o out", 64),
    ("tag", 0), ("tag v1", 0), ("tag v1", 64), ("tag -f v1 HEAD~1", 0), ("tag -d v1", 0),
    ("tag -a v2 -m Two", 0), ("restore math", 0), ("restore --staged math", 0), ("reset", 0),
    ("reset --hard", 0), ("reset nowhere", 64), ("reflog", 0), ("reflog nowhere", 64),
    ("op log", 0), ("op show 2", 0), ("op show 999", 64), ("undo", 0), ("op undo 1", 64),
    ("config", 0), ("config user.name", 1), ("config user.name Eve", 0), ("config user.name", 0),
    ("config --unset user.name", 0), ("config --unset user.name", 1), ("config user.nom Eve", 64),
    ("base list", 0), ("base add ../fixtures/lab/base --name lab", 0), ("base show lab", 0),
    ("base verify ../fixtures/lab/base lab", 0), ("base show nowhere", 64), ("base remove lab", 0),
    ("du", 0), ("fsck", 0), ("gc", 0), ("bundle create all.bundle --all", 0),
    ("bundle verify all.bundle", 0), ("bundle unbundle all.bundle", 0),
    ("bundle verify nowhere", 64), ("export HEAD:math -o math.tar", 0),
    ("import math.tar --as taken", 0), ("import math.tar --as taken", 64),
    ("diff", 0), ("diff HEAD~1 HEAD -- math", 0), ("diff --exit-code HEAD~1 HEAD", 0),
    ("diff --exit-code main first", 1),
    ("hash-object math/adapter_config.json", 0), ("cat-file -e HEAD", 0),
    ("cat-file -e nowhere", 1), ("cat-file -t HEAD", 0), ("cat-file -p HEAD", 0),
    ("ls-tree HEAD", 0), ("rev-parse HEAD", 0), ("rev-parse --verify -q nowhere", 1),
    ("rev-list HEAD", 0), ("rev-list nowhere", 64), ("for-each-ref", 0),
    ("update-ref refs/heads/low HEAD", 0), ("update-ref -d refs/heads/low", 0),
    ("update-ref refs/heads/main HEAD HEAD~1", 11), ("symbolic-ref HEAD", 0),
    ("symbolic-ref HEAD refs/heads/main", 0), ("switch --detach HEAD", 0),
    ("symbolic-ref HEAD", 1), ("completion bash", 0), ("help log", 0), ("--version", 0),
    ("help nowhere", 64), ("nowhere", 64), ("bundle nowhere", 64), ("log --nowhere", 64),
  ]

  @Test func `every command and every failure gives a document`() throws {
    let session = try StoreSession.withTwoCommits()
    for (line, code) in Self.commands {
      let words = line.split(separator: " ").map(String.init)
      let outcome = try session.run(["--json"] + words)
      #expect(outcome.code == code, "\(line): \(outcome.errors)")
      // A negative answer is an answer.
      if !outcome.output.isEmpty {
        let document = try? JSONValue(parsing: Array(outcome.output.utf8))
        #expect(
          document?["schema"]?.string?.hasPrefix("adapterctl.") == true,
          "\(line): \(outcome.output)")
      } else {
        let last = outcome.errors.split(separator: "\n").last.map { Array($0.utf8) } ?? []
        let document = try? JSONValue(parsing: last)
        #expect(
          document?["schema"]?.string == "adapterctl.error/1", "\(line): \(outcome.errors)")
        #expect(document?["code"]?.integer == Int(code), "\(line)")
        #expect(document?["message"]?.string?.isEmpty == false, "\(line)")
      }
    }
  }

  @Test func `no command of the repository is left out above`() throws {
    let help = try Program().run(["--help"]).output
    var named: Set<String> = []
    var isGroup = false
    for line in help.split(separator: "\n") {
      if line.hasSuffix("SUBCOMMANDS:") {
        isGroup = line.hasPrefix("REPOSITORY") || line.hasPrefix("PLUMBING")
      } else if isGroup, line.hasPrefix("  "), !line.hasPrefix("   "),
        let name = line.split(separator: " ").first
      {
        named.insert(String(name))
      }
    }
    #expect(named.count > 20, "\(help)")
    let tried = Set(Self.commands.map { String($0.line.split(separator: " ")[0]) })
    #expect(named.subtracting(tried).isEmpty, "\(named.subtracting(tried))")
  }
}
