internal import Digests
internal import Files
internal import Glibc
internal import History
internal import Storage

/// The repository that a command works in, and who works in it: what the door knows and the library
/// does not.
struct RepositoryContext {
  let repository: Repository
  private let global: GlobalOptions

  /// The repository around the current directory; a failure with code 10 where there is none.
  init(_ global: GlobalOptions) throws {
    self.global = global
    do { repository = try Repository.here() } catch { throw Failure(error) }
  }

  init(_ repository: Repository, _ global: GlobalOptions) {
    self.repository = repository
    self.global = global
  }

  /// The repository around the current directory; nil where there is none.
  static func ifAny(_ global: GlobalOptions) throws -> RepositoryContext? {
    do throws(HistoryError) {
      return RepositoryContext(try Repository.here(), global)
    } catch {
      guard case .noRepository = error else { throw Failure(error) }
      return nil
    }
  }

  /// Warns, unless told to be quiet.
  func warn(_ sentence: String) { global.warn(sentence) }

  /// Warns of a new ref whose name could be taken for an object's id.
  func warnOfID(_ name: String, _ what: String) throws {
    do {
      guard let id = try repository.ids(beginningWith: name).first else { return }
      warn(
        "\(name) is also the beginning of the id \(id.digest.short); as a revision it means the "
          + "\(what) from now on.")
    } catch { throw Failure(error) }
  }

  /// This command as the log will have it.
  func act(_ summary: String = "") throws -> Act {
    Act(
      actor: try identity().description, command: CommandLineText.current, summary: summary,
      time: Clock.now)
  }

  /// Who works here; the first use of a made-up name is said.
  func identity() throws -> Signature {
    let (signature, isGuessed) = try Identity.current(configuration: repository.configuration())
    if isGuessed {
      global.warn(
        "no name is configured; commits are by \(signature). Set one with: adapterctl config "
          + "user.name NAME.")
    }
    return signature
  }

  /// Whether something is staged or committed at a path that the user wrote.
  func isTracked(_ text: String) -> Bool {
    guard let path = try? tracked(text) else { return false }
    return ["", "HEAD"].contains { (try? repository.place($0, path: path)) != nil }
  }

  /// A path that the user wrote, as the repository tracks it; `""` is the top.
  func tracked(_ text: String) throws -> String {
    do { return try repository.relative(Path(text)) } catch { throw Failure(error) }
  }

  /// A tracked path as the user sees it from the current directory.
  func shown(_ path: TrackedPath) -> String { path.text }
}

/// The clock, which only the door reads.
enum Clock {
  /// Now. `ADAPTERCTL_TIME` (seconds since 1970) stands in for it where output must be repeatable.
  static var now: Timestamp {
    if let text = Environment["ADAPTERCTL_TIME"], let seconds = Int(text) {
      return Timestamp(seconds: seconds)
    }
    return ofSystem
  }

  /// Now by the system's clock, which also sets the times of files.
  static var ofSystem: Timestamp { Timestamp(seconds: time(nil)) }
}

/// The command line, for the log.
enum CommandLineText {
  /// The program's name and its arguments; those that need it are quoted.
  static var current: String {
    let words = ["adapterctl"] + CommandLine.arguments.dropFirst()
    let text = words.map(quoted).joined(separator: " ")
    return text.utf8.count <= 4096 ? text : String(text.prefix(1000)) + "…"
  }

  private static func quoted(_ word: String) -> String {
    let isPlain =
      !word.isEmpty
      && word.utf8.allSatisfy {
        switch $0 {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "-_./:=@~^,+%".utf8.contains($0)
        }
      }
    return isPlain
      ? word
      : "'"
        + word.split(separator: "'", omittingEmptySubsequences: false)
        .joined(separator: "'\\''") + "'"
  }
}
