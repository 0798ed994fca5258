public import Adapters
internal import Archives
public import Files
internal import Storage

/// What was taken in from an archive.
public struct Imported: Sendable {
  /// Where it stands in the working tree.
  public let path: TrackedPath
  /// The files that were extracted.
  public let fileCount: Int
  /// What was staged, or committed.
  public let changes: [StagedChange]
  /// The commit, where a message was given.
  public let committed: Committed?
  /// What was passed over, as whole sentences.
  public let notes: [String]
}

extension Repository {
  /// Extracts an archive of adapters into a new folder of the working tree and stages them, or with
  /// a commit's message and author commits them.
  ///
  /// The folder is `path`; where that is nil it has the name of the archive's one folder, or of the
  /// archive. Nothing that is there is touched: throws `exists`. A hostile archive is refused with
  /// `archive`, one without an adapter or a model with `noAdapterInArchive`; whatever goes wrong, nothing
  /// is left in the working tree.
  public func importArchive(
    _ archive: Path, as path: TrackedPath?, base: Base?,
    committing commit: (message: String, author: Signature)? = nil, act: Act,
    execution: Execution
  ) throws(HistoryError) -> Imported {
    let aside = own("checkouts").appending(Checkouts.newName())
    let held: any Sendable
    do {
      try own("checkouts").createDirectories()
      held = try Checkouts.hold(aside)
    } catch { throw .file(error) }
    defer {
      try? aside.removeTree()
      withExtendedLifetime(held) {}
    }
    let extracted = aside.appending("extracted")
    let entries: [ArchiveEntry]
    do throws(ArchiveError) {
      let reader: FileReader
      do { reader = try FileReader(archive) } catch { throw .file(error) }
      entries = try ArchiveExtraction(reader).extract(into: extracted) {
        execution.interruption.isRequested
      }
    } catch { throw HistoryError(error).renaming(extracted, to: archive) }
    let (folder, name) = try Self.top(of: extracted, archive)
    let destination: TrackedPath
    if let path { destination = path } else { destination = try TrackedPath(name) }
    try Self.check(entries, in: archive, at: destination)
    let place = place(of: destination.text)
    if place.kind != nil || place.isLink { throw .file(.exists(place)) }
    return try moving(folder, to: place) { () throws(HistoryError) in
      var finding = Finding(self)
      let found: [Found]
      do throws(HistoryError) { found = try finding.find(at: place) } catch {
        // A folder that was made for the archive alone: what it lacks is the archive's lack.
        guard case .notAddable = error else { throw error }
        throw .noAdapterInArchive(archive)
      }
      var changes: [StagedChange] = []
      var committed: Committed?
      if let (message, author) = commit {
        committed = try self.commit(
          message: message, author: author, found: found, base: base, act: act,
          execution: execution)
      } else {
        changes = try stage(found, base: base, act: act, execution: execution)
      }
      return Imported(
        path: destination, fileCount: entries.count { !$0.name.isDirectory }, changes: changes,
        committed: committed, notes: finding.notes)
    }
  }

  /// The one folder that an archive has at its top, and its name; else all of it, under the
  /// archive's own name.
  private static func top(
    of extracted: Path, _ archive: Path
  ) throws(HistoryError) -> (Path, name: String) {
    let names: [String]
    do { names = try extracted.entryNames() } catch { throw .file(error) }
    if names.count == 1, let name = names.first, extracted.appending(name).isDirectory {
      return (extracted.appending(name), name)
    }
    let stem = archive.name.split(separator: ".").first.map(String.init)
    return (extracted, stem ?? archive.name)
  }

  /// Refuses an archive with a member that cannot be tracked where it would stand.
  private static func check(
    _ entries: [ArchiveEntry], in archive: Path, at destination: TrackedPath
  ) throws(HistoryError) {
    for entry in entries {
      var name = entry.name.text
      if name.hasSuffix("/") { name.removeLast() }
      if let rule = TrackedPath.brokenRule(destination.text + "/" + name) {
        throw .archive(archive, rule: "has the member \(name), whose path \(rule)")
      }
    }
  }

  /// Moves a folder into the working tree for good, if `body` succeeds or may have.
  private func moving<Value>(
    _ folder: Path, to place: Path, _ body: () throws(HistoryError) -> Value
  ) throws(HistoryError) -> Value {
    var made: [Path] = []
    var above = place.parent
    while above.kind == nil {
      made.append(above)
      above = above.parent
    }
    do throws(HistoryError) {
      do throws(FileError) {
        try place.parent.createDirectories()
        try folder.rename(over: place)
        try place.parent.syncNames()
      } catch { throw .file(error) }
      do throws(HistoryError) { return try body() } catch {
        // What may be committed is not taken away.
        if case .storage(.outcomeUnknown) = error { made = [] } else { try? place.removeTree() }
        throw error
      }
    } catch {
      for folder in made { try? folder.removeDirectory() }
      throw error
    }
  }
}
