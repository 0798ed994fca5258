internal import Digests
internal import Files
internal import History
internal import JSON
internal import Storage

/// A bundle, as it is shown.
struct BundleOutput: CommandOutput {
  let action: String
  let bundle: Bundle
  var contents: BundleContents?

  private var refs: [(name: RefName, id: ObjectID)] {
    bundle.refs.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  func text(verbose: Bool) -> [String] {
    var lines = refs.map { "\($0.id.digest.short)  \($0.name)" }
    if !bundle.prerequisites.isEmpty {
      lines.append(
        "needs " + bundle.prerequisites.map(\.digest.short).joined(separator: ", "))
    }
    if let contents {
      lines.append(
        "\(bundle.path) is sound: \(Numbers.count(contents.objectCount, "object")), "
          + Numbers.count(contents.chunkCount, "chunk"))
      if contents.undecodedCount > 0 {
        lines.append(
          "  \(Numbers.count(contents.undecodedCount, "chunk")) can be decoded only beside what "
            + "it needs")
      }
    } else {
      lines.append("wrote \(bundle.path)")
    }
    return lines.map(Terminal.escaped)
  }

  var json: JSONValue {
    [
      "schema": "adapterctl.bundle/1", "action": .string(action),
      "file": .string(bundle.path.text),
      "refs": .object(refs.map { .init($0.name.text, .string($0.id.description)) }),
      "needs": .array(bundle.prerequisites.map { .string($0.description) }),
      "objects": contents.map { .integer($0.objectCount) } ?? .null,
      "chunks": contents.map { .integer($0.chunkCount) } ?? .null,
      "undecoded_chunks": contents.map { .integer($0.undecodedCount) } ?? .null,
    ]
  }
}

/// What was taken in, as it is shown.
struct UnbundleOutput: CommandOutput {
  let refs: [UnbundledRef]

  func text(verbose: Bool) -> [String] {
    refs.map { ref in
      let line = "\(ref.id.digest.short)  \(ref.name)"
      switch ref.outcome {
      case .made: return Terminal.escaped(line + "  made")
      case .same: return Terminal.escaped(line + "  is here already")
      case .keptAs(let aside):
        return Terminal.escaped(line + "  is elsewhere here; kept as \(aside)")
      }
    }
  }

  var json: JSONValue {
    [
      "schema": "adapterctl.bundle/1", "action": "unbundle",
      "refs": .array(
        refs.map { ref in
          var aside: JSONValue = .null
          if case .keptAs(let name) = ref.outcome { aside = .string(name.text) }
          return [
            "name": .string(ref.name.text), "id": .string(ref.id.description),
            "made": .bool(ref.outcome == .made), "kept_as": aside,
          ]
        }),
    ]
  }
}
