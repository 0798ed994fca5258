import Files
import Foundation
import TestSupport
import Testing

/// The base that the repository knows an adapter or a fine-tune to be trained on, held against the
/// one that is named.
@Suite struct WrongBaseTests {
  /// A repository with an adapter and a fine-tune of `base`, and `other`, of the same shapes.
  private static func session() throws -> StoreSession {
    let session = try StoreSession()
    for (name, seed) in [("base", 1), ("other", 30), ("tuned", 60)] as [(String, UInt64)] {
      try session.work.appending(name).createDirectories()
      let tensors = (0..<4).map {
        FilledTensor(
          "model.layers.\($0).mlp.up_proj.weight", [12, 8], .bf16, seed: seed + UInt64($0))
      }
      try SyntheticModel.write(
        tensors, to: session.work.appending("\(name)/model.safetensors"))
    }
    for command in [
      "base add base --name base", "extract tuned --base base --rank 2 -o run",
      "add run --base base", "add tuned --base base", "commit -m one",
    ] {
      let outcome = try session.run(command.split(separator: " ").map(String.init))
      #expect(outcome.code == 0, "\(command): \(outcome.errors)")
    }
    return session
  }

  @Test func `what the repository knows is held to its base, wherever a base is named`() throws {
    let session = try Self.session()
    for command in [
      "truncate HEAD:run --rank 1 -o out", "truncate run --rank 1 -o out",
      "combine HEAD:run run=0.5 --method linear -o out", "combine HEAD:run run=0.5 --analyze",
      "extract HEAD:tuned --rank 2 -o out", "extract tuned --rank 2 -o out",
      "inspect HEAD:tuned --spectrum --plot out", "inspect HEAD:run --spectrum",
      "inspect run --spectrum", "diff HEAD:run run", "merge HEAD:run -o out",
    ] {
      let words = command.replacingOccurrences(of: "--plot out", with: "--plot out.svg")
        .split(separator: " ").map(String.init)
      let refused = try session.run(words + ["--base", "other"])
      #expect(refused.code == 12, "\(command): \(refused.errors)")
      #expect(
        refused.errors.contains("4 tensors differ: model.layers.0.mlp.up_proj.weight"),
        "\(command): \(refused.errors)")
      #expect(refused.output.isEmpty, "\(command)")
      for name in ["out", "out.svg"] { #expect(session.work.appending(name).kind == nil) }
      #expect(try session.run(words + ["--base", "base"]).code == 0, "\(command)")
      for name in ["out", "out.svg"] { try? session.work.appending(name).removeTree() }
    }
  }

  @Test func `messages name what the user named`() throws {
    let session = try Self.session()
    for (command, words) in [
      ("extract HEAD:tuned --base fixtures/peft/base --rank 2 -o out", "HEAD:tuned was not fine-"),
      ("inspect HEAD:tuned --base fixtures/peft/base --spectrum", "HEAD:tuned was not fine-"),
      ("extract HEAD:run --base base --rank 2 -o out", "HEAD:run is an adapter"),
      ("extract HEAD:tuned --base base --rank 9 -o out", "no module of HEAD:tuned has more than 8"),
      ("extract HEAD:tuned --base base --rank 2 --include x -o out", "No weight of HEAD:tuned"),
    ] {
      let arguments = command.replacingOccurrences(of: "fixtures", with: "../fixtures")
        .split(separator: " ").map(String.init)
      let refused = try session.run(arguments)
      #expect(refused.code != 0 && refused.errors.contains(words), "\(command): \(refused.errors)")
      #expect(!refused.errors.contains("checkouts"), "\(refused.errors)")
      #expect(session.work.appending("out").kind == nil)
    }
  }

  @Test func `one path of two revisions is drawn and listed, several are refused`() throws {
    let session = try Self.session()
    for command in [
      "truncate HEAD:run --rank 1 -o run --force", "add run --base base", "commit -m two",
    ] {
      let outcome = try session.run(command.split(separator: " ").map(String.init))
      #expect(outcome.code == 0, "\(command): \(outcome.errors)")
    }
    let drawn = try session.run(["diff", "HEAD~1", "HEAD", "--plot", "a.svg"])
    #expect(drawn.code == 0 && session.work.appending("a.svg").isFile, "\(drawn.errors)")
    let lines = try session.run(["diff", "HEAD~1", "HEAD", "--csv"]).output.split(separator: "\n")
    #expect(lines.count == 5 && lines[0].hasPrefix("module,"))
    let none = try session.run(["diff", "HEAD", "HEAD", "--csv"])
    #expect(none.code == 1 && none.errors.contains("no path has weights"))
  }
}
