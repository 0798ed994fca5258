internal import ArgumentParser
internal import History

/// The names of commands, looked at before the parser does: it says of a misspelt one that an argument
/// was not expected, and of help for one nothing at all.
enum CommandNames {
  /// Throws where the words that stand for a command name none.
  static func check(_ arguments: [String]) throws {
    var words = arguments[...]
    let isHelp = words.first == "help"
    if isHelp { words = words.dropFirst() }
    var group: any ParsableCommand.Type = Adapterctl.self
    var path = ["adapterctl"]
    while let word = words.first, !word.hasPrefix("-") {
      let names = self.names(of: group)
      // An argument of a command that has no others below it.
      guard !names.isEmpty else {
        guard isHelp else { return }
        throw unknown(word, path, names)
      }
      guard let next = command(word, of: group) else {
        if isHelp || path.count > 1, word == "help" { return }
        if group.configuration.defaultSubcommand != nil, !isHelp { return }
        throw unknown(word, path, names)
      }
      path.append(word)
      group = next
      words = words.dropFirst()
    }
  }

  /// The command of a name among those of another; nil where it has none of the name.
  static func command(
    _ name: String, of group: any ParsableCommand.Type
  ) -> (any ParsableCommand.Type)? {
    group.configuration.subcommands.first { $0.configuration.commandName == name }
  }

  private static func names(of group: any ParsableCommand.Type) -> [String] {
    group.configuration.subcommands.compactMap { $0.configuration.commandName }
  }

  private static func unknown(_ word: String, _ path: [String], _ names: [String]) -> Failure {
    let group = path.joined(separator: " ")
    return Failure(
      .usage, "no_such_command", "There is no command \"\(group) \(word)\".",
      hint: Failure.didYouMean(Near.misses(of: word, among: names).map { "\(group) \($0)" })
        ?? "list the commands with: \(group) --help")
  }
}
