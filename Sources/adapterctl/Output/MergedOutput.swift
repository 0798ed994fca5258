internal import Digests
internal import Files
internal import History
internal import JSON
internal import Storage
internal import Tensors

/// What is in a merged model, as it is shown.
struct MergedOutput: CommandOutput {
  let path: Path
  let model: MergedModel
  let decorations: Decorations
  /// The subjects of the commits that are named.
  let subjects: [ObjectID: String]

  init(path: Path, model: MergedModel, repository: Repository) throws {
    self.path = path
    self.model = model
    decorations = try Decorations(repository)
    var subjects: [ObjectID: String] = [:]
    for place in model.parts.flatMap(\.places) {
      subjects[place.commit] = try repository.read(Commit.self, place.commit).subject
    }
    self.subjects = subjects
  }

  func text(verbose: Bool) -> [String] {
    var lines = [
      "model     \(path)  \(model.merged.digest.short)",
      "base      \(model.baseName ?? "not registered")  \(model.base.digest.short)",
    ]
    for part in model.parts {
      let weight = part.weight == 1 ? "" : "  weight \(Numbers.significant(part.weight))"
      lines.append("adapter   \(part.path)  \(part.content.short)\(weight)")
      if part.places.isEmpty { lines.append("  in no commit of this repository") }
      for place in verbose ? part.places[...] : part.places.prefix(1) {
        let labels = decorations[place.commit].map(\.text)
        let names = labels.isEmpty ? "" : " (\(labels.joined(separator: ", ")))"
        lines.append(
          "  \(place.commit.digest.short)\(names) \(place.path): \(subjects[place.commit] ?? "")")
      }
    }
    if let record = model.record {
      lines.append("merged    \(CivilTime(record.time)) as \(record.output)")
    }
    if !model.isUnchanged { lines.append(change) }
    return lines.map(Terminal.escaped)
  }

  /// What became of a model since it was merged.
  private var change: String {
    let names = model.changedTensors.prefix(3).map(\.text).joined(separator: ", ")
    let more = model.changedTensors.count - 3
    return "changed   the files are no longer those of the merge"
      + (names.isEmpty ? "" : ": \(names)") + (more > 0 ? " and \(more) more" : "")
  }

  var json: JSONValue {
    [
      "schema": "adapterctl.log-merged/1", "path": .string(path.text),
      "unchanged": .bool(model.isUnchanged),
      "changed_tensors": .array(model.changedTensors.map { .string($0.text) }),
      "merged": .string(model.merged.description), "base": .string(model.base.description),
      "base_name": model.baseName.map { .string($0) } ?? .null,
      "adapters": .array(
        model.parts.map { part in
          [
            "id": .string(part.content.description), "weight": .number(part.weight),
            "path": .string(part.path.text),
            "commits": .array(
              part.places.map { place in
                [
                  "commit": .string(place.commit.description), "path": .string(place.path.text),
                  "snapshot": .string(place.snapshot.description),
                  "subject": .string(subjects[place.commit] ?? ""),
                  "refs": .array(decorations[place.commit].map { .string($0.text) }),
                ]
              }),
          ]
        }),
      "recorded": model.record.map {
        ["time": .integer($0.time.seconds), "output": .string($0.output)]
      } ?? .null,
    ]
  }
}

/// The merges that were made in a repository, as they are shown.
struct MergesOutput: CommandOutput {
  let merges: [(record: MergeRecord, baseName: String?)]

  init(_ records: [MergeRecord], repository: Repository) throws {
    merges = try records.map { ($0, try repository.name(ofBase: $0.base)) }
  }

  func text(verbose: Bool) -> [String] {
    merges.map { record, baseName in
      let adapters = record.adapters.map { input in
        input.weight == "1.0" ? input.path : "\(input.path)=\(input.weight)"
      }
      return Terminal.escaped(
        "\(CivilTime(record.time))  \(record.merged.digest.short)  \(record.output): "
          + "\(baseName ?? record.base.digest.short) + \(adapters.joined(separator: " + "))")
    }
  }

  var json: JSONValue {
    [
      "schema": "adapterctl.log-merges/1",
      "merges": .array(
        merges.map { record, baseName in
          [
            "merged": .string(record.merged.description), "base": .string(record.base.description),
            "base_name": baseName.map { .string($0) } ?? .null, "output": .string(record.output),
            "time": .integer(record.time.seconds),
            "adapters": .array(
              record.adapters.map { input in
                [
                  "id": .string(input.content.description), "path": .string(input.path),
                  "weight": .string(input.weight),
                  "revision": input.revision.map { .string($0) } ?? .null,
                  "snapshot": input.snapshot.map { .string($0.description) } ?? .null,
                ]
              }),
          ]
        }),
    ]
  }
}
