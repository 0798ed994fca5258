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
      hint: (path.count == 1 ? gitAdvice[word] : nil)
        ?? Failure.didYouMean(Near.misses(of: word, among: names).map { "\(group) \($0)" })
        ?? "list the commands with: \(group) --help")
  }

  /// What to do instead of git's commands that there are none of here.
  private static let gitAdvice: [String: String] = {
    let carrying =
      "carry histories with: adapterctl bundle create FILE --all, adapterctl bundle unbundle FILE"
    let bringing =
      "bring a version back with: adapterctl checkout REV -- PATH, and commit it again"
    return [
      "clone": carrying, "fetch": carrying, "pull": carrying, "push": carrying, "remote": carrying,
      "rm": "delete the folder, then: adapterctl add PATH",
      "mv": "move the folder, then: adapterctl add OLD NEW",
      "stash": "keep it on a branch: adapterctl switch -c NAME, adapterctl commit -a -m MESSAGE",
      "revert": bringing, "cherry-pick": bringing, "rebase": bringing,
    ]
  }()
}
