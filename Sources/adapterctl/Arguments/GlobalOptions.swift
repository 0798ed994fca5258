internal import Adapters
internal import ArgumentParser
internal import Compute
internal import Glibc
internal import Parallel

/// The options of every command.
struct GlobalOptions: ParsableArguments {
  @Option(
    name: .customShort("C"),
    help: ArgumentHelp("Run as if started in this directory", valueName: "directory"),
    completion: .directory)
  var directory: String?

  @Flag(help: "Print one JSON document instead of text")
  var json = false

  @Flag(name: .shortAndLong, help: "Print errors only")
  var quiet = false

  @Flag(name: .shortAndLong, help: "List every tensor")
  var verbose = false

  @Flag(
    inversion: .prefixedNo, help: "Always or never show progress (default: on a terminal)")
  var progress: Bool?

  @Option(
    help: ArgumentHelp(
      "Use colours: auto (on a terminal, unless NO_COLOR is set), always or never",
      valueName: "when"))
  var color = ColorChoice.auto

  @Flag(name: .customLong("no-pager"), help: "Never show output in a pager")
  var noPager = false

  /// Moves to the directory of `-C`, and keeps `-q`.
  func enter() throws {
    if quiet { AmbiguityWarnings.silence() }
    guard let directory else { return }
    guard unsafe chdir(directory) == 0 else {
      throw Failure(.usage, "directory", "\(directory) is not a directory to work in.")
    }
  }

  /// A progress line for work on so many bytes.
  func progressLine(_ label: String, totalByteCount: Int) -> Progress {
    Progress(label, totalByteCount: totalByteCount, isEnabled: showsProgress)
  }

  /// Whether a long command says how far it is.
  var showsProgress: Bool { progress ?? (Terminal.showsErrors && !json && !quiet) }

  /// Says what may help, unless told to be quiet.
  func hint(_ text: String) {
    if !quiet { Terminal.writeError("hint: " + Terminal.escaped(text)) }
  }

  /// Warns, unless told to be quiet.
  func warn(_ sentence: String) {
    if !quiet { Terminal.writeError("warning: " + Terminal.escaped(sentence)) }
  }
}

/// The options of commands that compute.
struct ComputeOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Use this many threads; the result is the same (default: one for each processor)",
      valueName: "count"))
  var threads: Int?

  func validate() throws {
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads takes a number from 1 to 1024.")
    }
  }

  /// The number of threads that will work.
  var workerCount: Int { threads ?? Workers.available.count }

  /// How work is carried out here: the threads, the kernels, a stop on a signal.
  ///
  /// `ADAPTERCTL_KERNELS` may name a slower form of the kernels; the bytes stay the same.
  func execution(_ progress: Progress) throws -> Execution {
    var form = KernelForm.best
    if let name = Environment["ADAPTERCTL_KERNELS"] {
      guard let named = KernelForm(rawValue: name), named.isSupported else {
        let known = KernelForm.allCases.filter(\.isSupported).map(\.rawValue)
        throw Failure(
          .usage, "kernels",
          "ADAPTERCTL_KERNELS is \(name), but this machine has \(known.joined(separator: ", ")).")
      }
      form = named
    }
    return Execution(
      workers: threads.map { Workers(count: $0) } ?? .available, form: form,
      interruption: Signals.interruption(), progress: { progress.advance(by: $0) })
  }
}

/// The environment, which only the door reads.
enum Environment {
  /// The value of a variable; nil where it is unset.
  static subscript(name: String) -> String? {
    guard let value = unsafe getenv(name) else { return nil }
    return unsafe String(cString: value)
  }
}
