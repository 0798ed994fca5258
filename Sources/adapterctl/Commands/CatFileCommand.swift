internal import ArgumentParser
internal import Digests
internal import History
internal import JSON
internal import Storage

struct CatFile: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cat-file",
    abstract: "Print a stored object, its kind or its size",
    discussion: """
      The object is named by its id, a revision, or REV:PATH; chunks are named by their whole id. \
      -p prints the canonical document of an object, describes a tensor, and writes the bytes of a \
      file or a chunk. -s counts the bytes of the document; of a file, a tensor and a chunk their \
      own.

      Exit codes: 0 printed, 1 -e found none, 10 no repository, 15 a damaged object, 64 nothing of \
      that name.
      """)

  enum Question: EnumerableFlag {
    case type
    case size
    case print
    case exists

    static func name(for value: Question) -> NameSpecification {
      switch value {
      case .type: .customShort("t")
      case .size: .customShort("s")
      case .print: .customShort("p")
      case .exists: .customShort("e")
      }
    }

    static func help(for value: Question) -> ArgumentHelp? {
      switch value {
      case .type: "Print its kind"
      case .size: "Print its size in bytes"
      case .print: "Print its content"
      case .exists: "Only tell by the exit code whether it exists"
      }
    }
  }

  @Flag var question: Question

  @Argument(help: "An id, a revision, or REV:PATH")
  var object: String

  @OptionGroup var global: GlobalOptions

  func run() throws {
    try global.enter()
    let context = try RepositoryContext(global)
    let repository = context.repository
    let found: StoredContent
    do throws(HistoryError) {
      found = try repository.content(named: object)
    } catch {
      switch error {
      case .unknownRevision, .notTracked, .noSuchAncestor, .unbornBranch:
        if question == .exists {
          throw global.untold(
            Failure(.negative, "not_found", "Nothing is stored as \"\(object)\"."))
        }
      default: break
      }
      throw Failure(error)
    }
    switch question {
    case .exists:
      if global.json { CatFileOutput(content: found, lines: []).show(global) }
    case .type: show(found, found.kind)
    case .size: show(found, String(found.byteCount))
    case .print:
      if global.json { return CatFileOutput(content: found, lines: []).show(global) }
      switch found {
      case .file(_, let file): try StoredBytes.write(file, of: repository, named: object)
      case .chunk(let digest, let bytes):
        guard !Terminal.showsOutput else {
          throw Failure(
            .usage, "binary", "The chunk \(digest.short) is not written to a terminal.",
            hint: "redirect the output to a file")
        }
        Terminal.write(bytes: bytes)
      case .tensor(let id, let tensor):
        for line in SnapshotText.lines(id, tensor) { Terminal.write(line) }
      case .document(_, let object):
        // Byte for byte where it is not looked at, so that its id can be computed from it.
        let text = String(decoding: object.payload, as: UTF8.self)
        Terminal.write(Terminal.showsOutput ? Terminal.escaped(text) : text)
      }
    }
  }

  private func show(_ content: StoredContent, _ line: String) {
    if global.json {
      CatFileOutput(content: content, lines: []).show(global)
    } else {
      Terminal.write(line)
    }
  }
}
