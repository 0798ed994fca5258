internal import ArgumentParser
internal import History

struct ConfigCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "config",
    abstract: "Show or change the repository's settings",
    discussion: """
      Settings are local to this repository: they are in no commit and are never transferred, and \
      none of them names a command that others could have written. Known ones: user.name and \
      user.email, under which commits are made; base.NAME.path, where a registered base was last; \
      cache.decompositions, how much room the decompositions of bases may take that inspect \
      --intruders keeps (8GiB; 0 for none).

      Exit codes: 0 done, 1 the setting is not there, 10 no repository, 64 no such key.
      """)

  @Argument(help: "The setting, such as user.name; without it all are listed")
  var key: String?

  @Argument(help: "Its new value")
  var value: String?

  @Flag(help: "Remove the setting")
  var unset = false

  @Flag(name: .shortAndLong, help: "List all settings")
  var list = false

  @OptionGroup var global: GlobalOptions

  func validate() throws {
    if let key, !Configuration.isKey(key) {
      throw ValidationError("A setting's name is words joined by dots, such as user.name.")
    }
    if unset, key == nil || value != nil { throw ValidationError("--unset takes one setting.") }
  }

  func run() throws {
    try global.enter()
    let repository = try RepositoryContext(global).repository
    do {
      var settings = try repository.configuration()
      guard let key, !list else {
        ConfigOutput(values: settings.values).show(global)
        return
      }
      if value == nil {
        guard let found = settings[key] else {
          if unset { throw Failure(.negative, "not_set", "\(key) is not set.") }
          throw ExitCode(ExitStatus.negative.rawValue)
        }
        if !unset {
          ConfigOutput(values: [key: found], isSingle: true).show(global)
          return
        }
      }
      settings[key] = value
      try repository.write(settings)
    } catch let error as HistoryError { throw Failure(error) }
  }
}
