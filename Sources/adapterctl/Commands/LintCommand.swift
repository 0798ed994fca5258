internal import Adapters
internal import ArgumentParser
internal import Files

struct Lint: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lint",
    abstract: "Tell what a program will refuse or get wrong in an adapter",
    discussion: """
      Looks over names, shapes and settings for one program that the adapter is to be used with, \
      and names the command that makes it fit. Reads headers only.

      Exit codes: 0 nothing found, 1 something found, 13 an unsupported adapter, 15 a malformed file.
      """)

  @Argument(help: "The adapter: a path or REV:PATH")
  var adapter: AdapterOperand

  @Option(
    help: ArgumentHelp(
      "The program it is meant for: vllm, llama.cpp, mlx, peft, diffusers or ollama",
      valueName: "program"),
    completion: .list(LintTarget.allCases.map(\.rawValue)),
    transform: { text in
      guard let target = LintTarget(rawValue: text) else {
        throw ValidationError(
          "--target takes one of " + LintTarget.allCases.map(\.rawValue).joined(separator: ", ")
            + ".")
      }
      return target
    })
  var target: LintTarget

  @Option(
    name: .customLong("max-rank"),
    help: ArgumentHelp(
      "The largest rank the program takes, such as vLLM's --max-lora-rank", valueName: "rank"))
  var maxRank = Linting.usualRankLimit

  @OptionGroup var global: GlobalOptions

  func validate() throws {
    if maxRank < 1 { throw ValidationError("--max-rank takes a positive number.") }
  }

  func run() throws {
    try global.enter()
    let opened = try adapter.opened()
    let linting = Linting(
      opened.weighted.adapter.named(Path(opened.name)), for: target, rankLimit: maxRank)
    LintOutput(linting: linting, name: opened.name).show(global)
    if !linting.findings.isEmpty { throw ExitCode(ExitStatus.negative.rawValue) }
  }
}
