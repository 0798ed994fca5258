internal import ArgumentParser
internal import Compute
internal import Glibc
internal import JSON
internal import Parallel

/// The program: parse, run one command, and turn whatever goes wrong into one sentence and one exit
/// code.
@main
struct Adapterctl: ParsableCommand {
  /// The version, in one place.
  static let version = "0.1.0"
  /// The program with its version, as receipts name it.
  static let tool = "adapterctl \(version)"

  static let configuration = CommandConfiguration(
    commandName: "adapterctl",
    abstract: "Git for adapters: merge, unmerge, verify and inspect LoRA-style adapters",
    discussion: """
      Exit codes: 0 success, 1 a negative answer, 3 finished in part, 4 an evaluation failed, \
      10 no repository, 11 another command is at work, 12 wrong base, 13 unmatched or unsupported \
      adapter, 14 a budget would be exceeded, 15 a malformed or damaged file, 64 usage, \
      70 a bug of ours, 125 a gate could not be decided, 130 interrupted.
      """,
    version: version,
    groupedSubcommands: [
      CommandGroup(
        name: "Repository",
        subcommands: [
          InitCommand.self, Add.self, StatusCommand.self, CommitCommand.self, Log.self, Show.self,
          BlameCommand.self, BranchCommand.self, SwitchCommand.self, TagCommand.self,
          RestoreCommand.self, CheckoutCommand.self, ResetCommand.self, ReflogCommand.self,
          OperationCommand.self, UndoCommand.self, ConfigCommand.self, BaseCommand.self,
          DUCommand.self, FsckCommand.self, GCCommand.self, BundleCommand.self, ExportCommand.self,
          ImportCommand.self,
        ]),
      CommandGroup(
        name: "Weights",
        subcommands: [
          Inspect.self, Diff.self, Merge.self, Unmerge.self, Verify.self, Extract.self,
          Combine.self, Truncate.self, Convert.self, Lint.self,
        ]),
      CommandGroup(name: "Judging", subcommands: [Evaluate.self]),
      CommandGroup(
        name: "Plumbing",
        subcommands: [
          HashObjectCommand.self, CatFile.self, LsTree.self, RevParse.self, RevList.self,
          ForEachRef.self, UpdateRefCommand.self, SymbolicRefCommand.self,
        ]),
      CommandGroup(name: "Other", subcommands: [Completion.self]),
    ])

  static func main() {
    FreedMemory.keep()
    LibraryThreads.end()
    let written = Array(CommandLine.arguments.dropFirst())
    let arguments = commandFirst(written)
    let asJSON = written.prefix { $0 != "--" }.contains("--json")
    // A file that may not grow further is an error like any other, not the end of the process.
    signal(SIGXFSZ, SIG_IGN)
    do {
      try CommandNames.check(arguments)
      var command = try parseAsRoot(arguments)
      defer { OpenOperands.close() }
      // While what they are restored from is known.
      do { try command.run() } catch let failure as Failure { throw OpenOperands.named(failure) }
    } catch let failure as Failure {
      failure.report(asJSON: asJSON)
      Glibc.exit(failure.code.rawValue)
    } catch let code as ExitCode {
      Glibc.exit(code.rawValue)
    } catch {
      leave(with: error, arguments, asJSON: asJSON)
    }
  }

  /// The arguments with global options that stand before the command, as git has them, behind it.
  private static func commandFirst(_ arguments: [String]) -> [String] {
    let flags = [
      "--json", "-q", "--quiet", "-v", "--verbose", "--progress", "--no-progress", "--no-pager",
    ]
    let options = ["-C", "--color"]
    var globals: [String] = []
    var rest = arguments[...]
    while let first = rest.first,
      options.contains(first) && rest.count > 2
        || flags.contains(first) || first.hasPrefix("--color=")
    {
      let count = options.contains(first) ? 2 : 1
      globals += rest.prefix(count)
      rest = rest.dropFirst(count)
    }
    guard let command = rest.first, !command.hasPrefix("-") else { return arguments }
    rest = rest.dropFirst()
    // `help` is the parser's own, and takes names alone.
    if command == "help" { return [command] + rest.filter { $0 != "--json" } }
    var commands = [command]
    // Options stand behind the innermost command: `bundle create`, `op log`, `base add`.
    if let group = CommandNames.command(command, of: Self.self), let inner = rest.first,
      CommandNames.command(inner, of: group) != nil
    {
      commands.append(inner)
      rest = rest.dropFirst()
    }
    return commands + globals + GitSpelling.spelledOut(Array(rest), of: command)
  }

  /// Leaves for the reasons that the argument parser knows: help, version, usage.
  private static func leave(with error: any Error, _ arguments: [String], asJSON: Bool) -> Never {
    guard exitCode(for: error) != .success else {
      guard asJSON else { exit(withError: error) }
      let text = fullMessage(for: error)
      let document: JSONValue =
        text == version
        ? ["schema": "adapterctl.version/1", "version": .string(version)]
        : ["schema": "adapterctl.help/1", "text": .string(text)]
      Terminal.write(document.text(.indented))
      Glibc.exit(ExitStatus.success.rawValue)
    }
    if asJSON {
      Failure(.usage, "usage", message(for: error)).report(asJSON: true)
    } else {
      let message = fullMessage(for: error)
      let sentence = message.hasPrefix("Error: ") ? String(message.dropFirst(7)) : message
      for line in ("error: " + sentence).split(separator: "\n") {
        Terminal.writeError(Terminal.escaped(String(line)))
      }
    }
    Glibc.exit(ExitStatus.usage.rawValue)
  }
}
