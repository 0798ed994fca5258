internal import Adapters
internal import ArgumentParser
internal import Files

/// Where a command writes its directory, and whether it does.
struct DestinationArguments: ParsableArguments {
  @Option(name: .shortAndLong, help: "The directory to write", completion: .directory)
  var output: String?

  @Flag(
    name: [.customShort("n"), .customLong("dry-run")],
    help: "Print what would be done and write nothing")
  var dryRun = false

  @Flag(help: "Replace an existing output")
  var force = false

  func validate() throws {
    if output?.isEmpty == true { throw ValidationError("-o takes the name of a directory.") }
  }

  /// Throws where nothing says where to write, and something is to be written.
  func requireOutput() throws {
    guard dryRun || output != nil else {
      throw ValidationError("Missing expected argument '-o <output>'")
    }
  }

  /// The directory; throws where writing it would replace or enter a repository.
  var path: Path {
    get throws {
      let path = Path(output ?? "")
      if output != nil { try OutputPlace.check(path) }
      return path
    }
  }
}

/// A bound on the memory that a command may plan with.
struct MemoryArguments: ParsableArguments {
  @Option(
    name: .customLong("memory-limit"),
    help: ArgumentHelp("Refuse what needs more memory, such as 400MB", valueName: "size"))
  var memoryLimit: ByteCount?

  /// Throws a failure with code 14 where more is needed.
  func check(_ needed: Int) throws {
    if let limit = memoryLimit?.byteCount, needed > limit {
      throw Failure(.memoryBudget(needed: needed, allowed: limit))
    }
  }
}
