internal import ArgumentParser
internal import JSON

struct Completion: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "completion",
    abstract: "Print a completion script for a shell",
    discussion: """
      bash: source <(adapterctl completion bash), in ~/.bashrc. zsh: save the script as \
      _adapterctl in a directory of $fpath. fish: save it as \
      ~/.config/fish/completions/adapterctl.fish.
      """)

  /// The shells that scripts are made for.
  enum Shell: String, ExpressibleByArgument, CaseIterable, Sendable {
    case bash
    case zsh
    case fish
  }

  @Argument(help: "The shell to complete for")
  var shell: Shell

  @OptionGroup var global: GlobalOptions

  func run() throws {
    let completion: CompletionShell
    switch shell {
    case .bash: completion = .bash
    case .zsh: completion = .zsh
    case .fish: completion = .fish
    }
    let script = Adapterctl.completionScript(for: completion)
    ListOutput(
      lines: [script],
      json: [
        "schema": "adapterctl.completion/1", "shell": .string(shell.rawValue),
        "script": .string(script),
      ]
    ).show(global, evenIfQuiet: true)
  }
}
