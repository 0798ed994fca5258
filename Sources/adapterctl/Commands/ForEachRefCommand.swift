internal import ArgumentParser
internal import History
internal import JSON
internal import Storage

struct ForEachRef: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "for-each-ref",
    abstract: "List refs in a stable format",
    discussion: """
      One line for each ref below refs/, sorted by name: the id it names, the kind of that object, \
      a tab, the name. A pattern is a name, the beginning of one up to a slash, or has * and ? in \
      it.

      A format may have %(refname), %(refname:short), %(objectname), %(objectname:short), \
      %(objecttype) and %(subject) in it, and %% for a percent sign.

      Exit codes: 0 listed, 10 no repository, 64 an unknown field.
      """)

  @Argument(help: ArgumentHelp("Which refs (default: all)", valueName: "pattern"))
  var patterns: [String] = []

  @Option(help: ArgumentHelp("What to print for each ref", valueName: "text"))
  var format = "%(objectname) %(objecttype)\t%(refname)"

  @OptionGroup var global: GlobalOptions

  func run() throws {
    try global.enter()
    let pieces = try RefFormat(format)
    let context = try RepositoryContext(global)
    let refs: [ListedRef]
    do { refs = try context.repository.listedRefs(matching: patterns) } catch {
      throw Failure(error)
    }
    ListOutput(
      lines: refs.map(pieces.line),
      json: [
        "schema": "adapterctl.for-each-ref/1",
        "refs": .array(
          refs.map { ref in
            [
              "name": .string(ref.name.text), "short": .string(ref.name.short),
              "id": .string(ref.id.description), "type": .string(ref.kind.text),
              "subject": .string(ref.subject),
            ]
          }),
      ]
    ).show(global, evenIfQuiet: true)
  }
}
