internal import Adapters
internal import ArgumentParser
internal import Files
internal import History
internal import Tensors

struct BaseAdd: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add",
    abstract: "Register a model as a base",
    discussion: """
      Hashes every tensor and every file beside the weights, and remembers where the model is. Its \
      bytes are kept only with --store. The same content again changes nothing.

      Exit codes: 0 registered, or registered already, 10 no repository, 12 the name is taken by \
      another model, 15 a damaged file, or one that changed while it was read.
      """)

  @Argument(help: "The model: a directory, or a file of weights")
  var path: CheckpointOperand

  @Option(help: "The name to register it under (default: the directory's)")
  var name: String?

  @Option(
    help: ArgumentHelp(
      "Where it comes from, such as a hub's name for it; adapters that name this are recognised",
      valueName: "text"))
  var source: String?

  @Flag(
    name: .customLong("file-digests"),
    help: "Also take BLAKE3 and SHA-256 of every file as a whole, as hubs list them")
  var fileDigests = false

  @Flag(help: "Read every file, also those that have not changed since they were hashed")
  var rehash = false

  @Flag(help: "Keep the bytes of all its files in the repository")
  var store = false

  @Flag(help: "Register it under its name even if another model has that")
  var force = false

  @OptionGroup var compute: ComputeOptions
  @OptionGroup var global: GlobalOptions

  func run() throws {
    try global.enter()
    let context = try RepositoryContext(global)
    let cache = context.digestCache(distrusted: rehash)
    let model = try path.open()
    let name = name ?? Repository.baseName(for: path.path)
    let contents = try compute.hashing(model, global) { execution in
      try BaseContents(
        of: model, cache: cache, hashesFiles: fileDigests, execution: execution)
    }
    let act = try context.act("base add \(name)")
    let registration = try compute.hashing(store ? model : nil, global) { execution in
      try context.repository.register(
        contents, as: name, at: path.path, source: source, replaces: force,
        storing: store ? model : nil, execution: execution, act: act)
    }
    BaseAddOutput(name: name, registration: registration).show(global)
  }
}
