internal import Digests
internal import Files
internal import History
internal import JSON
internal import Tensors

/// A model beside a registered base.
struct BaseVerifyOutput: CommandOutput {
  let path: Path
  let name: String
  let contents: BaseContents
  let base: Base
  let difference: BaseDifference

  init(path: Path, name: String, contents: BaseContents, base: Base) {
    self.path = path
    self.name = name
    self.contents = contents
    self.base = base
    difference = BaseDifference(of: contents, from: base)
  }

  func text(verbose: Bool) -> [String] {
    guard !difference.isEmpty else {
      return [
        Terminal.escaped(
          "\(path) is \(name): \(Numbers.count(base.tensors.count, "tensor")) and "
            + "\(Numbers.count(base.files.count, "file")) agree")
      ]
    }
    var lines = [Terminal.escaped("\(path) is not \(name)")]
    lines += Self.rows("tensor", difference.tensors, verbose: verbose) { $0.text }
    lines += Self.rows("file", difference.files, verbose: verbose) { $0 }
    if difference.tensors.all.isEmpty { lines.append("every tensor agrees") }
    return lines
  }

  private static func rows<Name>(
    _ noun: String, _ names: BaseDifference.Names<Name>, verbose: Bool, text: (Name) -> String
  ) -> [String] {
    [
      ("differs", names.differing), ("is missing", names.missing),
      ("is there besides", names.extra),
    ]
    .flatMap { verb, names in
      let shown = names.prefix(verbose ? .max : 20)
      return shown.map { Terminal.escaped("  \(noun) \(text($0)) \(verb)") }
        + (names.count > shown.count
          ? ["  … and \(Numbers.count(names.count - shown.count, "\(noun)")) more"] : [])
    }
  }

  var json: JSONValue {
    func list(_ names: [String]) -> JSONValue { .array(names.map { .string($0) }) }
    let (tensors, files) = (difference.tensors, difference.files)
    return [
      "schema": "adapterctl.base-verify/1", "path": .string(path.text), "name": .string(name),
      "equal": .bool(difference.isEmpty),
      "registered_id": .string(base.checkpoint.description),
      "actual_id": .string(contents.checkpoint.description),
      "tensors": [
        "differing": list(tensors.differing.map(\.text)),
        "missing": list(tensors.missing.map(\.text)), "extra": list(tensors.extra.map(\.text)),
      ],
      "files": [
        "differing": list(files.differing), "missing": list(files.missing),
        "extra": list(files.extra),
      ],
    ]
  }
}
