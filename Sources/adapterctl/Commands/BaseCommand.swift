internal import ArgumentParser

struct BaseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "base",
    abstract: "Register the models that adapters belong to",
    discussion: """
      A registered base is known by the ids of its tensors. Other commands take its name wherever \
      they take a base's path, and check that the files are still the registered ones; files that \
      have not changed since they were hashed are not read again.
      """,
    subcommands: [
      BaseAdd.self, BaseList.self, BaseShow.self, BaseVerify.self, BaseRemove.self,
    ])
}
