internal import JSON

/// A command's answer, which is shown as text or as one JSON document: the one place where that is
/// decided.
protocol CommandOutput {
  /// The document, with its schema.
  var json: JSONValue { get }
  /// The lines for people.
  func text(verbose: Bool) -> [String]
}

extension CommandOutput {
  /// Writes the answer to standard output.
  func show(_ options: GlobalOptions) {
    if options.json {
      Terminal.write(json.text(.indented))
    } else if !options.quiet {
      for line in text(verbose: options.verbose) { Terminal.write(line) }
    }
  }
}
