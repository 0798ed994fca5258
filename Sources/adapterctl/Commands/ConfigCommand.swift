internal import ArgumentParser
internal import History

struct ConfigCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "config",
    abstract: "Show or change the repository's settings",
    discussion: """
      Settings are local to this repository: they are in no commit and are never transferred, and \
      none of them names a command that others could have written. There are: user.name and \
      user.email, under which commits are made; base.NAME.path, where a registered base was last; \
      cache.decompositions, how much room the decompositions of bases may take that inspect \
      --intruders keeps (8GiB; 0 for none). Others cannot be set.

      Exit codes: 0 done, 1 the setting is not there, 10 no repository, 64 no such setting, or not \
      such a value.
      """)

  @Argument(help: "The setting, such as user.name; without it all are listed")
  var key: String?

  @Argument(help: "Its new value")
  var value: String?

  @Flag(help: "Remove the setting")
  var unset = false

  @Flag(help: .hidden)
  var get = false

  @Flag(name: .shortAndLong, help: "List all settings")
  var list = false

  @OptionGroup var global: GlobalOptions

  func validate() throws {
    if get, key == nil || value != nil { throw ValidationError("--get takes one setting.") }
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
      if let value {
        try Self.check(value, of: key)
      } else {
        guard let found = settings[key] else {
          guard Configuration.isKey(key) else { throw Self.unknown(key) }
          let failure = Failure(.negative, "not_set", "\(key) is not set.", hint: Self.hint(key))
          throw unset ? failure : global.untold(failure)
        }
        if !unset {
          ConfigOutput(values: [key: found], isSingle: true).show(global)
          return
        }
      }
      settings[key] = value
      try repository.write(settings)
      // As with git, a change that succeeds is not told; the document says what holds now.
      guard global.json else { return }
      ConfigOutput(values: value.map { [key: $0] } ?? [:], unset: value == nil ? key : nil)
        .show(global)
    } catch let error as HistoryError { throw Failure(error) }
  }

  /// Throws for a setting that means nothing, or a value that it cannot have.
  private static func check(_ value: String, of key: String) throws {
    guard Setting.isKnown(key) else { throw unknown(key) }
    if let rule = Setting.brokenRule(value, of: key) {
      throw Failure(
        .usage, "setting", "\(key) cannot be set to this: the value \(rule).",
        hint: value.isEmpty ? "remove the setting with: adapterctl config --unset \(key)" : nil)
    }
    if key == RepositoryContext.cacheKey { _ = try RepositoryContext.cacheLimit(value) }
  }

  private static func unknown(_ key: String) -> Failure {
    Failure(.usage, "no_such_setting", "There is no setting \"\(key)\".", hint: hint(key))
  }

  /// What to write instead of a key that means nothing; nil for one that does.
  private static func hint(_ key: String) -> String? {
    if Setting.isKnown(key) { return nil }
    return Failure.didYouMean(Setting.nearMisses(of: key))
      ?? "the settings are: \(Setting.keys.joined(separator: ", "))"
  }
}
