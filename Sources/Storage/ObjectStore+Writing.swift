internal import Digests
internal import Files
internal import JSON

extension ObjectStore {
  /// Starts to write; throws `locked` while gc deletes.
  ///
  /// `time` is now, by the caller's clock: a transaction that takes more than a day cannot commit.
  public func begin(at time: Timestamp) throws(StorageError) -> Transaction {
    try Transaction(self, at: time)
  }

  /// Packs that gc will delete: nothing new may count on what is in them alone.
  func condemnedPacks() throws(StorageError) -> Set<Digest> {
    var packs: Set<Digest> = []
    for condemnation in try condemnations() { packs.formUnion(condemnation.packs) }
    return packs
  }

  /// What gc has condemned so far, oldest first.
  func condemnations() throws(StorageError) -> [Condemnation] {
    var found: [Condemnation] = []
    for sequence in try condemnationNumbers() {
      do throws(StorageError) {
        found.append(try condemnation(sequence))
      } catch {
        // Gone meanwhile: its packs are, too.
        if case .file(.notFound) = error { continue }
        throw error
      }
    }
    return found
  }

  /// The lists of condemned packs that cannot be read.
  func damagedCondemnations() throws(StorageError) -> [Path] {
    try condemnationNumbers().filter { (try? condemnation($0)) == nil }.map(paths.condemned)
  }

  private func condemnation(_ sequence: Int) throws(StorageError) -> Condemnation {
    try Condemnation(
      SealedDocument(reading: paths.condemned(sequence), files: files),
      sequence
    )
  }

  private func condemnationNumbers() throws(StorageError) -> [Int] {
    do {
      return try files.names(in: paths.condemned).compactMap { StorePaths.sequence($0, suffix: "") }
    } catch { throw .file(error) }
  }
}

/// Packs without anything reachable, and since when that is known.
struct Condemnation: Hashable, Sendable {
  let sequence: Int
  let packs: [Digest]
  let time: Timestamp

  var document: JSONValue {
    [
      "packs": .array(packs.map { .string($0.description) }), "time": .integer(time.seconds),
    ]
  }

  init(sequence: Int, packs: [Digest], time: Timestamp) {
    self.sequence = sequence
    self.packs = packs
    self.time = time
  }

  init(_ sealed: SealedDocument, _ sequence: Int) throws(StorageError) {
    guard let time = sealed.document["time"]?.integer,
      let packs = sealed.document["packs"]?.elements?.map({ Digest($0.string ?? "") }),
      !packs.contains(nil)
    else { throw .notCanonical }
    self.init(
      sequence: sequence,
      packs: packs.compactMap { $0 },
      time: Timestamp(seconds: time)
    )
  }
}
