internal import Files
internal import JSON

/// What was written out of the history, as it is shown.
struct CheckoutOutput: CommandOutput {
  let revision: String
  let output: Path

  func text(verbose: Bool) -> [String] { [Terminal.escaped("wrote \(revision) to \(output)")] }

  var json: JSONValue {
    [
      "schema": "adapterctl.checkout/1", "revision": .string(revision),
      "output": .string(output.text),
    ]
  }
}
