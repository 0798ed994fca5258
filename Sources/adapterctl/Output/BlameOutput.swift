internal import Digests
internal import History
internal import JSON
internal import Storage

/// Which commits the parts of an adapter are from.
struct BlameOutput: CommandOutput {
  /// Parts of one module, or a single one, that have their content from the same commit.
  private struct Group {
    let name: String
    let commit: ObjectID
    var count: Int

    var shown: String {
      count > 1 ? "\(name) (\(Numbers.count(count, "tensor")))" : name
    }
  }

  let blame: Blame
  let palette: Palette

  func text(verbose: Bool) -> [String] {
    let groups = groups(apart: verbose)
    let authors = blame.commits.mapValues { Terminal.escaped($0.author.name) }
    let width = authors.values.map(\.count).max() ?? 0
    let nameWidth = groups.map { Terminal.escaped($0.shown).count }.max() ?? 0
    return groups.compactMap { group in
      guard let commit = blame.commits[group.commit], let author = authors[group.commit] else {
        return nil
      }
      let padding = String(repeating: " ", count: width - author.count)
      let name = Terminal.escaped(group.shown)
      let gap = String(repeating: " ", count: nameWidth - name.count)
      return palette.paint(group.commit.shortDigits, .id)
        + "  \(author)\(padding)  \(CivilTime(commit.time).date)  "
        + "\(name)\(gap)  " + Terminal.escaped(commit.subject)
    }
  }

  /// The lines of the text, in the order of the modules.
  private func groups(apart: Bool) -> [Group] {
    var groups: [Group] = []
    var places: [String: [ObjectID: Int]] = [:]
    for line in blame.lines {
      let name = apart ? line.part.shownName(blame.path) : line.part.moduleName(blame.path)
      if let place = places[name]?[line.commit], !apart {
        groups[place].count += 1
      } else {
        places[name, default: [:]][line.commit] = groups.count
        groups.append(Group(name: name, commit: line.commit, count: 1))
      }
    }
    return groups
  }

  var json: JSONValue {
    [
      "schema": "adapterctl.blame/1", "path": .string(blame.path.text),
      "lines": .array(
        blame.lines.map { line in
          var json: JSONValue = [
            "file": .string(line.part.file), "tensor": .null,
            "id": .string(line.content.description), "commit": .string(line.commit.description),
          ]
          if case .tensor(let name, _) = line.part { json.set("tensor", to: .string(name)) }
          return json
        }),
      "commits": .array(
        blame.commits.sorted { ($1.value.time, $0.key) < ($0.value.time, $1.key) }.map {
          id, commit in
          [
            "id": .string(id.description), "author": commit.author.shown,
            "time": .integer(commit.time.seconds),
            "date": .string(CivilTime(commit.time).description),
            "subject": .string(commit.subject),
          ]
        }),
    ]
  }
}

extension SnapshotParts.Part {
  /// The tensor's name, or the file's path.
  func shownName(_ path: TrackedPath) -> String {
    switch self {
    case .tensor(let name, _): name
    case .file(let file): file.isEmpty ? path.text : file
    }
  }

  /// The module that a tensor belongs to: its name without PEFT's prefix, the parameter's name, and
  /// the factor's in front of that.
  func moduleName(_ path: TrackedPath) -> String {
    guard case .tensor(let name, _) = self else { return shownName(path) }
    let prefix = "base_model.model."
    let words = name.dropFirst(name.hasPrefix(prefix) ? prefix.count : 0).split(separator: ".")
    guard !words.isEmpty else { return name }
    let end = words.firstIndex { $0.hasPrefix("lora_") } ?? max(1, words.count - 1)
    return words[..<max(1, end)].joined(separator: ".")
  }
}
