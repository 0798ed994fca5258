internal import ArgumentParser
internal import Files
internal import History
internal import Tensors

struct BaseShow: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show what is registered of a base, and whether it is still there",
    discussion: """
      Reads headers only: whether the files are still the registered ones is told from what was \
      hashed before, and base verify reads them. -v lists every tensor and file.

      Exit codes: 0 shown, 10 no repository, 64 no such base.
      """)

  @Argument(help: "The name of a registered base")
  var name: String

  @OptionGroup var global: GlobalOptions

  func run() throws {
    try global.enter()
    let context = try RepositoryContext(global)
    let base: Base
    let path: Path?
    do {
      base = try context.repository.base(named: name)
      path = try context.repository.basePath(named: name)
    } catch { throw Failure(error) }
    var model: Checkpoint?
    var state = BaseShowOutput.State.missing
    if let path, path.kind != nil {
      state = .unchecked
      model = try? Checkpoint(opening: path)
      if let model, let known = BaseContents(of: model, knownTo: context.digestCache()) {
        state = BaseDifference(of: known, from: base).isEmpty ? .same : .different
      }
    }
    BaseShowOutput(
      name: name, base: base, path: path.map { context.shown($0) }, state: state, model: model
    ).show(global)
  }
}
