internal import Digests
public import Files
internal import JSON

extension Suite {
  /// Reads a suite: a JSON document of the form `{"adapterctl": "suite/1", "tasks": {…}}`.
  ///
  /// Unknown members are errors. Paths of data are relative to the suite. Reads no data.
  public init(reading path: Path) throws(EvaluationError) {
    let bytes: [UInt8]
    do { bytes = try FileReader.contents(of: path, limit: 16 << 20) } catch { throw .file(error) }
    let document: JSONValue
    do { document = try JSONValue(parsing: bytes) } catch {
      throw .document(error, in: path, bytes)
    }
    let reader = SuiteReader(path: path)
    guard document["adapterctl"]?.string == "suite/1" else {
      throw reader.refusal("adapterctl", "is not \"suite/1\"")
    }
    try reader.checkMembers(document, ["adapterctl", "name", "max_length", "tasks"], "the suite")
    guard let tasks = document["tasks"]?.members, !tasks.isEmpty else {
      throw reader.refusal("tasks", "is not an object with a task in it")
    }
    self.path = path
    digest = BLAKE3.digest(of: bytes)
    name = try reader.text(document, "name", "", fallback: path.name)
    maxLength = try reader.count(document, "max_length", "")
    var read: [SuiteTask] = []
    for task in tasks { read.append(try reader.task(task.key, task.value)) }
    self.tasks = read
  }
}

/// Reads the parts of a suite.
struct SuiteReader {
  let path: Path

  func refusal(_ place: String, _ rule: String) -> EvaluationError {
    .malformedSuite(path, place: place, rule: rule)
  }

  func task(_ name: String, _ value: JSONValue) throws(EvaluationError) -> SuiteTask {
    let place = "tasks.\(name)."
    guard value.members != nil else { throw refusal("tasks.\(name)", "is not an object") }
    let kinds = ["text", "nll"]
    guard let kind = value["kind"]?.string, kinds.contains(kind) else {
      throw refusal(place + "kind", "is not one of: \(kinds.joined(separator: ", "))")
    }
    let shared = ["kind", "role", "data", "end", "begin"]
    let own = kind == "text" ? ["field"] : ["format", "response", "mask"]
    try checkMembers(value, shared + own, "tasks.\(name)")
    var role: SuiteTask.Role?
    if let word = value["role"] {
      role = word.string.flatMap(SuiteTask.Role.init)
      guard role != nil else { throw refusal(place + "role", "is neither target nor source") }
    }
    var mask = SuiteTask.Mask.response
    if let word = value["mask"] {
      guard let named = word.string.flatMap(SuiteTask.Mask.init) else {
        throw refusal(
          place + "mask",
          "is not one of: \(SuiteTask.Mask.allCases.map(\.rawValue).joined(separator: ", "))")
      }
      mask = named
    }
    return SuiteTask(
      name: name, role: role,
      kind: kind == "text"
        ? .text(field: try text(value, "field", place, fallback: "text"))
        : .response(try format(value, place)),
      mask: kind == "text" ? .all : mask, data: try data(value["data"], place + "data"),
      scoresEnd: try flag(value, "end", place, fallback: kind == "nll"),
      begins: try flag(value, "begin", place, fallback: true))
  }

  private func format(_ value: JSONValue, _ place: String) throws(EvaluationError) -> PromptFormat {
    let response = try text(value, "response", place, fallback: "response")
    let written = try text(value, "format", place, fallback: "{{prompt}}{{\(response)}}")
    guard let format = PromptFormat(written, response: response) else {
      throw refusal(place + "format", "does not have {{\(response)}} once, or leaves a {{ open")
    }
    return format
  }

  private func data(_ value: JSONValue?, _ place: String) throws(EvaluationError) -> DataSource {
    guard let value, value.members != nil, let name = value["path"]?.string, !name.isEmpty else {
      throw refusal(place + ".path", "is missing")
    }
    try checkMembers(value, ["path", "format", "split", "sha256", "limit"], place)
    let file = name.utf8.first == 0x2F ? Path(name) : path.parent.appending(name)
    let guess = file.hasExtension("jsonl") ? "jsonl" : file.hasExtension("json") ? "json" : "text"
    let split = value["split"]?.string
    let format: DataSource.Format
    switch try text(value, "format", place + ".", fallback: guess) {
    case "jsonl": format = .jsonl
    case "json": format = .json
    case "text": format = .text(split: split)
    default: throw refusal(place + ".format", "is not one of: jsonl, json, text")
    }
    if value["split"] != nil, split?.isEmpty ?? true || format != .text(split: split) {
      throw refusal(place + ".split", "is empty, or the data is no text")
    }
    return DataSource(
      path: file, format: format, sha256: value["sha256"]?.string,
      limit: try count(value, "limit", place + "."))
  }

  func checkMembers(
    _ value: JSONValue, _ known: [String], _ place: String
  ) throws(EvaluationError) {
    guard let unknown = value.members?.first(where: { !known.contains($0.key) }) else { return }
    throw refusal(
      place, "has the unknown member \(unknown.key); known are \(known.joined(separator: ", "))")
  }

  func text(
    _ value: JSONValue, _ key: String, _ place: String, fallback: String
  ) throws(EvaluationError) -> String {
    guard let found = value[key] else { return fallback }
    guard let text = found.string else { throw refusal(place + key, "is not a text") }
    return text
  }

  func count(
    _ value: JSONValue, _ key: String, _ place: String
  ) throws(EvaluationError) -> Int? {
    guard let found = value[key] else { return nil }
    guard let count = found.integer, count > 0 else {
      throw refusal(place + key, "is not a positive integer")
    }
    return count
  }

  private func flag(
    _ value: JSONValue, _ key: String, _ place: String, fallback: Bool
  ) throws(EvaluationError) -> Bool {
    guard let found = value[key] else { return fallback }
    guard let flag = found.bool else { throw refusal(place + key, "is neither true nor false") }
    return flag
  }
}
