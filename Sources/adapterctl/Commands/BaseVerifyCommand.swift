internal import ArgumentParser
internal import History
internal import Tensors

struct BaseVerify: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Compare a model with a registered base",
    discussion: """
      Names every tensor and every file beside the weights that differs, is missing or is there \
      besides. The weights may be cut into other files.

      Exit codes: 0 the same, 10 no repository, 12 different, 15 a damaged file.
      """)

  @Argument(help: "The model: a directory, or a file of weights")
  var path: CheckpointOperand

  @Argument(help: "The name of a registered base")
  var name: String

  @Flag(help: "Read every file, also those that have not changed since they were hashed")
  var rehash = false

  @OptionGroup var compute: ComputeOptions
  @OptionGroup var global: GlobalOptions

  func run() throws {
    try global.enter()
    let context = try RepositoryContext(global)
    let base: Base
    do { base = try context.repository.base(named: name) } catch { throw Failure(error) }
    let model = try path.open()
    let cache = context.digestCache(distrusted: rehash)
    let contents = try compute.hashing(model, global) { execution in
      try BaseContents(of: model, cache: cache, execution: execution)
    }
    let output = BaseVerifyOutput(
      path: path.path, name: name, contents: contents, base: base)
    output.show(global)
    if !output.difference.isEmpty { throw ExitCode(ExitStatus.wrongBase.rawValue) }
  }
}
