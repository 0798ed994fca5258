import Files
import Foundation
import TestSupport
import Testing

/// Whatever names, messages and files hold, nothing that drives a terminal is printed.
@Suite struct TerminalEscapeTests {
  /// C0, C1, CSI, OSC 8 and 52, direction marks, line separators.
  private static let hostile =
    "x\u{1B}[2J\u{1B}]8;;http://e\u{7}y\u{1B}]52;c;YQ==\u{7}\u{9B}31m\u{85}\u{7F}\u{8}"
    + "\u{202E}z\u{2066}\u{200F}\u{61C}\u{2028}"
  /// The same without control characters, as paths may have it.
  private static let path = "p\u{202E}z\u{2066}\u{200F}\u{61C}\u{2028}q"

  private static func isHarmless(_ text: String) -> Bool {
    text.unicodeScalars.allSatisfy { scalar in
      switch scalar.value {
      // Ours: the ends of lines, and the tab between columns for scripts. Others' are escaped.
      case 0x09, 0x0A: true
      case 0..<0x20, 0x7F..<0xA0, 0x61C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: false
      default: true
      }
    }
  }

  private func prepare() throws -> StoreSession {
    let session = try StoreSession()
    for name in [Self.path, "math"] {
      try session.take(step: 150, as: name)
      let configuration = session.work.appending(name).appending("adapter_config.json")
      let url = URL(fileURLWithPath: configuration.text)
      var document = try #require(
        try JSONSerialization.jsonObject(with: try Data(contentsOf: url)) as? [String: Any])
      document["base_model_name_or_path"] = Self.hostile
      try JSONSerialization.data(withJSONObject: document).write(to: url)
    }
    return session
  }

  @Test func `no command prints what drives a terminal`() throws {
    let session = try prepare()
    let hostile = Self.hostile
    let commands: [[String]] = [
      ["status"], ["add", "math", Self.path, "-n"], ["add", "math", Self.path], ["status"],
      ["commit", "-m", hostile, "-m", hostile, "--trailer", "K=\(hostile)"], ["log"],
      ["log", "--stat"], ["log", "--oneline", "--graph"], ["show"], ["show", "HEAD:math"],
      ["tag", "v1", "-m", hostile], ["tag"], ["tag", "-n"], ["show", "v1"], ["branch"],
      ["branch", "-v"], ["reflog"], ["op", "log"], ["base", "list"], ["ls-tree", "HEAD"],
      ["cat-file", "-p", "HEAD"], ["config", "user.name", hostile], ["config", "--list"],
      ["commit", "--allow-empty", "-m", "x"], ["log"], ["inspect", "math"],
      ["inspect", "HEAD:\(Self.path)"], ["diff", "HEAD:math", Self.path], ["blame", "math"],
      ["du"], ["fsck"], ["switch", hostile], ["switch", "-c", hostile], ["tag", hostile],
      ["branch", hostile], ["checkout", hostile], ["checkout", "HEAD:\(hostile)", "-o", hostile],
      ["restore", hostile], ["restore", "-s", hostile, "."], ["reset", hostile],
      ["add", hostile], ["add", "math", "--base", hostile], ["commit", "-m", "y", hostile],
      ["show", hostile], ["log", hostile], ["hash-object", hostile], ["inspect", hostile],
      ["merge", hostile, "--base", hostile, "-o", hostile], ["-C", hostile, "status"], [hostile],
      ["--\(hostile)"], ["undo"], ["rm", hostile], ["reset", "--hard", "HEAD"], ["status"],
      ["checkout", "HEAD:\(Self.path)", "-o", "../out\(hostile)"],
    ]
    for arguments in commands {
      for options in [[], ["--json"], ["-v"]] {
        let outcome = try session.program.run(
          (arguments.first == "-C" ? [] : ["-C", "work"]) + arguments + options,
          environment: StoreSession.environment.merging(
            ["ADAPTERCTL_AUTHOR_NAME": Self.hostile]
          ) { $1 })
        #expect(Self.isHarmless(outcome.output), "\(arguments) \(options): \(outcome.output)")
        #expect(Self.isHarmless(outcome.errors), "\(arguments) \(options): \(outcome.errors)")
        #expect(![70, 132, 133, 134, 139, 4, 5].contains(outcome.code), "\(arguments)")
      }
    }
  }

  @Test func `names with control characters are not tracked`() throws {
    let session = try StoreSession()
    try session.take(step: 150, as: "a\u{1B}[31m")
    let outcome = try session.run(["add", "a\u{1B}[31m"])
    #expect(outcome.code == 64 && Self.isHarmless(outcome.errors))
    #expect(try session.run(["status"]).code == 0)
    try session.take(step: 150, as: "b")
    try FileWriter.write([1], creating: session.work.appending("b/x\u{9B}y"))
    let inside = try session.run(["add", "b"])
    #expect(inside.code == 64 && Self.isHarmless(inside.errors))
  }
}
