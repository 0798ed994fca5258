internal import JSON
internal import Storage

/// The branch that the head is on, as it is shown.
struct SymbolicRefOutput: CommandOutput {
  let branch: RefName

  func text(verbose: Bool) -> [String] { [branch.text] }

  var json: JSONValue {
    ["schema": "adapterctl.symbolic-ref/1", "target": .string(branch.text)]
  }
}
