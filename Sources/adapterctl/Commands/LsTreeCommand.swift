internal import ArgumentParser
internal import History
internal import JSON
internal import Storage

struct LsTree: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ls-tree",
    abstract: "List what a commit tracks",
    discussion: """
      One line for each adapter, checkpoint or plain file: "snapshot", its id, a tab, its path from \
      the top. REV:PATH lists what is at and below a path; one that is an adapter itself is listed \
      by its files.

      Exit codes: 0 listed, 10 no repository, 64 nothing of that name.
      """)

  @Argument(help: "A revision, REV:PATH, or the id of a tree")
  var revision = "HEAD"

  @Flag(name: .customShort("r"), help: "List the files of adapters and checkpoints")
  var files = false

  @Flag(name: .customShort("l"), help: "Show what each is, and its size in bytes")
  var long = false

  @OptionGroup var global: GlobalOptions

  func run() throws {
    try global.enter()
    let context = try RepositoryContext(global)
    let entries: [ListedEntry]
    do {
      entries = try context.repository.listing(
        revision, files: files, details: long || global.json)
    } catch { throw Failure(error) }
    let width = entries.map { String($0.byteCount ?? 0).count }.max() ?? 0
    ListOutput(
      lines: entries.map { entry in
        var line = "\(entry.kind) \(entry.id)"
        if long {
          let size = String(entry.byteCount ?? 0)
          let kind = entry.content?.rawValue ?? "file"
          line += " \(kind) " + String(repeating: " ", count: width - size.count) + size
        }
        return line + "\t" + Terminal.escaped(entry.path)
      },
      json: ["schema": "adapterctl.ls-tree/1", "entries": .array(entries.map(\.shown))]
    ).show(global, evenIfQuiet: true)
  }
}
