internal import ArgumentParser
internal import Files
internal import History

struct InitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Make a repository for adapters",
    discussion: """
      Makes the folder .adapterctl, in which the repository keeps everything, in the directory, \
      which is made where it is missing. An existing repository is left as it is.
      """)

  @Argument(help: "The directory", completion: .directory)
  var directory = "."

  @OptionGroup var global: GlobalOptions

  func run() throws {
    try global.enter()
    do {
      let (signature, _) = Identity.current(configuration: Configuration())
      let act = Act(
        actor: signature.description, command: CommandLineText.current, summary: "init",
        time: Clock.now)
      let (repository, existed) = try Repository.create(at: Path(directory), act: act)
      InitOutput(
        directory: Path(directory), root: repository.root, existed: existed
      ).show(global)
    } catch { throw Failure(error) }
  }
}
