internal import Digests
internal import Files
internal import History
internal import JSON
internal import Storage

/// Findings of a check in words.
enum FindingText {
  /// What is wrong, and where.
  static func line(_ finding: CheckFinding) -> String {
    let place = self.place(finding.place)
    return "\(kind(finding)): \(sentence(finding.problem))" + (place.isEmpty ? "" : " [\(place)]")
  }

  /// A finding as JSON.
  static func json(_ finding: CheckFinding) -> JSONValue {
    let place = finding.place
    return [
      "kind": .string(kind(finding)), "harmless": .bool(finding.isHarmless),
      "message": .string(sentence(finding.problem)),
      "id": id(finding.problem).map { .string($0) } ?? .null,
      "ref": place.ref.map { .string($0.text) } ?? .null,
      "commit": place.commit.map { .string($0.description) } ?? .null,
      "path": place.path.map { .string($0.text) } ?? .null,
      "file": place.file.map { .string($0) } ?? .null,
      "tensor": place.tensor.map { .string($0) } ?? .null,
    ]
  }

  /// A word for scripts.
  private static func kind(_ finding: CheckFinding) -> String {
    switch finding.problem {
    case .store: finding.isHarmless ? "harmless" : "damaged"
    case .missing: "missing"
    case .unreadable: "damaged"
    case .malformed, .wrongKind: "malformed"
    case .ref: "ref"
    }
  }

  private static func id(_ problem: CheckFinding.Problem) -> String? {
    switch problem {
    case .missing(.object(let id)), .unreadable(.object(let id), _): id.description
    case .missing(.chunk(let digest)), .unreadable(.chunk(let digest), _): digest.description
    case .malformed(let id, _, _), .wrongKind(let id, _, _): id.description
    case .store, .ref: nil
    }
  }

  private static func sentence(_ problem: CheckFinding.Problem) -> String {
    switch problem {
    case .store(let finding): store(finding)
    case .missing(.object(let id)): "the object \(id.digest.short) is not there"
    case .missing(.chunk(let digest)): "the chunk \(digest.short) is not there"
    case .unreadable(.object(_), .damagedRecord(let digest, let pack)):
      "the object \(digest.short) is damaged in the pack \(pack.short)"
    case .unreadable(.chunk(let chunk), .damagedRecord(let digest, let pack)):
      chunk == digest
        ? "the chunk \(chunk.short) is damaged in the pack \(pack.short)"
        : "the chunk \(chunk.short) stands on \(digest.short), which is damaged in the pack "
          + pack.short
    case .unreadable(.chunk(let chunk), .missingChunk(let parent)):
      "the chunk \(chunk.short) stands on \(parent.short), which is not there"
    case .unreadable(.object(let id), let error):
      "the object \(id.digest.short) cannot be read: \(Failure.damage(error))"
    case .unreadable(.chunk(let digest), let error):
      "the chunk \(digest.short) cannot be read: \(Failure.damage(error))"
    case .malformed(let id, let kind, let rule): "the \(kind) \(id.digest.short) \(rule)"
    case .wrongKind(let id, let expected, let actual):
      "\(id.digest.short) is a \(actual) where a \(expected) is needed"
    case .ref(let name, let rule): "the ref \(name) \(rule)"
    }
  }

  private static func store(_ finding: Storage.Finding) -> String {
    switch finding {
    case .strayFile(let path): "\(path.name) does not belong where it is"
    case .damagedPack(let name, let error):
      "the pack \(name.short) cannot be opened: \(Failure.damage(error))"
    case .misnamedPack(let name, let actual):
      "the pack \(name.short) has the digest \(actual.short)"
    case .damagedRecord(let digest, let pack, let error)
    where error == .damagedRecord(digest, pack: pack):
      "the record of \(digest.short) in the pack \(pack.short) has other bytes than were written"
    case .damagedRecord(let digest, let pack, let error):
      "the record of \(digest.short) in the pack \(pack.short): \(Failure.damage(error))"
    case .damagedLog(let error): "the log cannot be read: \(Failure.damage(error))"
    case .brokenRef(let name, let id): "\(name) names \(id.digest.short), which is not there"
    case .damagedCheckpoint(let number):
      "checkpoint \(number) of the log is not what its operations say; it is not used"
    case .damagedIndex: "the index is damaged; it is made anew when it is needed"
    case .damagedCondemnation(let error):
      "a list of condemned packs cannot be read: \(Failure.damage(error))"
    }
  }

  private static func place(_ place: CheckPlace) -> String {
    var words: [String] = []
    if let tensor = place.tensor { words.append("tensor \(tensor)") }
    let file = place.file.map { file in
      [place.path?.text ?? "", file].filter { !$0.isEmpty }.joined(separator: "/")
    }
    if let file = file ?? place.path?.text { words.append(file) }
    if let commit = place.commit { words.append("commit \(commit.digest.short)") }
    if let ref = place.ref { words.append(ref.text) }
    return words.joined(separator: ", ")
  }
}
