internal import ArgumentParser
internal import History
internal import Storage

struct UpdateRefCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "update-ref",
    abstract: "Move a ref, if it is where it is expected",
    discussion: """
      Plumbing: names are full, such as refs/heads/main. With a third argument the ref moves only \
      if it is there; an empty one asks that there is no such ref.

      Exit codes: 0 moved, 10 no repository, 11 the ref is elsewhere, 64 no such object.
      """)

  @Argument(help: "The ref's full name")
  var name: String

  @Argument(help: "What it is to name; with -d, what it must name now")
  var new: String?

  @Argument(help: "What it must name now")
  var old: String?

  @Flag(name: [.customShort("d"), .customLong("delete")], help: "Take the ref away")
  var delete = false

  @OptionGroup var global: GlobalOptions

  func validate() throws {
    if !delete, new == nil { throw ValidationError("Missing expected argument '<new>'") }
    if delete, old != nil { throw ValidationError("-d takes a name and what it must name.") }
  }

  func run() throws {
    try global.enter()
    let context = try RepositoryContext(global)
    let repository = context.repository
    do {
      let ref: RefName
      do throws(StorageError) { ref = try RefName(name) } catch { throw Failure(error) }
      let wanted = delete ? nil : try repository.object(new ?? "")
      let expected = try (delete ? new : old).map { try $0.isEmpty ? nil : repository.object($0) }
      let old = try repository.updateRef(
        ref, to: wanted, expecting: expected, act: try context.act("update-ref \(name)"))
      UpdateRefOutput(name: ref, old: old, new: wanted).show(global)
    } catch HistoryError.storage(.refMoved(let ref, let expected, let actual)) {
      func place(_ value: RefValue?) -> String { value?.description ?? "nothing" }
      throw Failure(
        .locked, "ref_moved",
        "\(ref) names \(place(actual)), not \(place(expected)); nothing was changed.")
    } catch let error as HistoryError { throw Failure(error) }
  }
}
