internal import History
internal import JSON
internal import Storage

/// What refs cost, as it is shown.
struct DUOutput: CommandOutput {
  let costs: Costs

  func text(verbose: Bool) -> [String] {
    var table = TextTable(header: ["", "content", "stored", "shared", "unique"])
    for cost in costs.refs {
      table.add(
        [cost.name]
          + [cost.byteCount, cost.storedByteCount, cost.sharedByteCount, cost.uniqueByteCount]
          .map(Numbers.bytes))
    }
    table.add(["all refs", Numbers.bytes(costs.byteCount), Numbers.bytes(costs.storedByteCount)])
    var lines = table.lines
    var parts = [Numbers.bytes(costs.storedByteCount) + " of refs"]
    if costs.parentByteCount > 0 {
      parts.append(Numbers.bytes(costs.parentByteCount) + " that differences are from")
    }
    if costs.garbageByteCount > 0 {
      parts.append(Numbers.bytes(costs.garbageByteCount) + " that no ref needs")
    }
    parts.append(Numbers.bytes(costs.packs.frameByteCount) + " of indexes")
    lines.append(
      "\(Numbers.count(costs.packs.packCount, "pack")), \(Numbers.bytes(costs.packs.byteCount)): "
        + parts.joined(separator: ", "))
    return lines
  }

  var json: JSONValue {
    [
      "schema": "adapterctl.du/1",
      "refs": .array(
        costs.refs.map { cost in
          [
            "name": .string(cost.name), "bytes": .integer(cost.byteCount),
            "stored_bytes": .integer(cost.storedByteCount),
            "shared_bytes": .integer(cost.sharedByteCount),
            "unique_bytes": .integer(cost.uniqueByteCount),
          ]
        }),
      "bytes": .integer(costs.byteCount), "stored_bytes": .integer(costs.storedByteCount),
      "parent_bytes": .integer(costs.parentByteCount),
      "garbage_bytes": .integer(costs.garbageByteCount),
      "condemned_bytes": .integer(costs.packs.condemnedByteCount),
      "frame_bytes": .integer(costs.packs.frameByteCount),
      "packs": .integer(costs.packs.packCount), "pack_bytes": .integer(costs.packs.byteCount),
    ]
  }
}
