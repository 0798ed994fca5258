internal import JSON

/// Lines for scripts, and the document that says the same.
struct ListOutput: CommandOutput {
  let lines: [String]
  let json: JSONValue

  func text(verbose: Bool) -> [String] { lines }

  /// Writes the answer, with `-q` too where it is what was asked for.
  func show(_ options: GlobalOptions, evenIfQuiet: Bool) {
    if evenIfQuiet, !options.json {
      for line in lines { Terminal.write(line) }
    } else {
      show(options)
    }
  }
}
