internal import Digests
internal import Files
internal import JSON

/// Where all refs are after one operation.
struct LogState: Hashable, Sendable {
  var sequence = 0
  /// That operation's digest; nil before the first.
  var digest: Digest?
  var refs: [RefName: RefValue] = [:]

  /// Throws where an update does not start from here, or would make two refs differ in case alone.
  func check(_ updates: [RefUpdate]) throws(StorageError) {
    guard Set(updates.map(\.name)).count == updates.count else {
      throw .invalidOperation(rule: "a ref is moved twice")
    }
    for update in updates where refs[update.name] != update.old {
      throw .refMoved(update.name, expected: update.old, actual: refs[update.name])
    }
    let after = moved(updates)
    for update in updates where update.new != nil && refs[update.name] == nil {
      let folded = update.name.folded
      for name in after.keys where name != update.name && name.folded == folded {
        throw .refDiffersInCase(update.name, existing: name)
      }
    }
  }

  /// The refs after some updates.
  func moved(_ updates: [RefUpdate]) -> [RefName: RefValue] {
    var refs = refs
    for update in updates { refs[update.name] = update.new }
    return refs
  }

  /// The state after the operation that follows, which must fit.
  mutating func apply(_ operation: Operation, digest: Digest) throws(StorageError) {
    guard operation.sequence == sequence + 1, operation.previous == self.digest else {
      throw .invalidOperation(rule: "an operation that does not follow the one before")
    }
    for update in operation.updates where refs[update.name] != update.old {
      throw .invalidOperation(rule: "an update from where its ref was not")
    }
    refs = moved(operation.updates)
    sequence = operation.sequence
    self.digest = digest
  }

  /// The checkpoint's document.
  var document: JSONValue {
    [
      "operation": .string(digest?.description ?? ""),
      "refs": .object(
        refs.sorted { $0.key < $1.key }.map { .init($0.key.text, .string($0.value.description)) }
      ),
      "sequence": .integer(sequence),
    ]
  }

  init() {}

  /// Reads a checkpoint; throws where it breaks a rule.
  init(checkpoint document: JSONValue) throws(StorageError) {
    guard document.members?.count == 3, let text = document["operation"]?.string,
      let operation = Digest(text), let members = document["refs"]?.members,
      let sequence = document["sequence"]?.integer
    else { throw .notCanonical }
    self.sequence = sequence
    digest = operation
    for member in members {
      refs[try RefName(member.key)] = try RefValue(parsing: member.value.string ?? "")
    }
  }
}
