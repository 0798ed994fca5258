import Files
import Testing

/// What a user sees who bundles, exports and imports.
@Suite struct ExchangeSessionTests {
  static let adapters = "fixtures/lab/runs/lora-r8"

  /// Sessions of commands in one folder, whose output is held whole.
  static let sessions: [(name: String, commands: [String])] = [
    (
      "session-exchange",
      [
        "init work", "-C work add --series ../\(adapters) --as math",
        "-C work bundle create ../all.bundle --all", "-C work bundle create ../all.bundle main",
        "-C work bundle create ../last.bundle main --since main~1",
        "bundle verify all.bundle", "bundle verify last.bundle --json", "init other",
        "-C other bundle verify ../last.bundle", "-C other bundle unbundle ../last.bundle",
        "-C other bundle unbundle ../all.bundle", "-C other bundle unbundle ../all.bundle --json",
        "-C other fsck", "-C work export main:math -o ../math.tar.zst",
        "-C work export main:math -o ../math.tar.zst", "-C work export main:math -o ../math.rar",
        "init third", "-C third import ../math.tar.zst --json",
        "-C third import ../math.tar.zst", "-C third import ../math.tar.zst --as in/here -m taken",
        "-C third import ../all.bundle --as bad", "-C third status",
      ]
    )
  ]

  @Test(arguments: sessions.indices)
  func `a session prints what the file holds`(_ number: Int) throws {
    let (name, commands) = Self.sessions[number]
    let program = try Program()
    var text = ""
    for command in commands {
      let outcome = try program.run(
        command.split(separator: " ").map(String.init),
        environment: [
          "ADAPTERCTL_TIME": "1800000000", "ADAPTERCTL_AUTHOR_NAME": "T",
          "ADAPTERCTL_AUTHOR_EMAIL": "t@example.org",
        ])
      text += "$ adapterctl \(command)\n\(outcome.output)"
      if !outcome.errors.isEmpty { text += "--- standard error\n\(outcome.errors)" }
      if outcome.code != 0 { text += "--- exit \(outcome.code)\n" }
    }
    #expect(!text.contains("\u{1B}"))
    // The folder has another name each time.
    text = text.split(separator: program.folder.path.resolved.text).joined(separator: "FOLDER")
    Golden.expect(text, "\(name).txt")
  }
}
