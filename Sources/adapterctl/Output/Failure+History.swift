internal import Digests
internal import Files
internal import History
internal import Storage
internal import Tensors

extension Failure {
  /// Why a repository refuses.
  init(_ error: HistoryError) {
    switch error {
    case .storage(let error): self.init(error)
    case .file(let error): self.init(error)
    case .adapter(let error): self.init(error)
    case .tensor(let error): self.init(error)
    case .noRepository(let path):
      self.init(
        .noRepository, "no_repository",
        "There is no repository in \(path.resolved) or above it.",
        hint: "make one with: adapterctl init")
    case .malformedObject(let id, let kind, let rule):
      self.init(.integrity, "malformed_object", "The \(kind) \(id) \(rule).")
    case .unexpectedKind(let id, let expected, let actual):
      self.init(
        .usage, "unexpected_kind",
        "\(id.digest.short) is a \(actual), where a \(expected) is needed.")
    case .unknownRevision(let text, let nearMisses):
      self.init(
        .usage, "unknown_revision", "\"\(text)\" is no revision: no id, branch or tag.",
        hint: Self.didYouMean(nearMisses) ?? "list what there is with: adapterctl branch")
    case .ambiguousRevision(let text, let ids):
      self.init(
        .usage, "ambiguous_revision",
        "\"\(text)\" is the beginning of \(ids.count) ids: "
          + ids.prefix(4).map(\.digest.short).joined(separator: ", ")
          + (ids.count > 4 ? " and others." : "."),
        hint: "give more of its digits")
    case .noSuchAncestor(let text):
      self.init(
        .usage, "no_such_ancestor",
        "\"\(text)\" names an ancestor or a place of the log that is not there.",
        hint: text.contains("@{")
          ? "list the places with: adapterctl reflog" : "list the commits with: adapterctl log")
    case .unbornBranch(let name):
      self.init(
        .usage, "unborn_branch", "The branch \(name) has no commits yet.",
        hint: "make the first one with: adapterctl add PATH, adapterctl commit -m MESSAGE")
    case .notTracked(let path, let revision, let nearMisses):
      let place = revision.map { $0.isEmpty ? " in what is staged" : " in \($0)" } ?? ""
      self.init(
        .usage, "not_tracked",
        path.isEmpty
          ? "Nothing is tracked\(place) yet." : "Nothing is tracked at \"\(path)\"\(place).",
        hint: Self.didYouMean(nearMisses)
          ?? revision.flatMap {
            $0.isEmpty ? nil : "list what is there with: adapterctl ls-tree \($0)"
          })
    case .folderWithoutID(let text):
      self.init(
        .usage, "folder", "\(text) is a folder of entries and has no id of its own.",
        hint: "list it with: adapterctl ls-tree \(text)")
    case .invalidPath(let path, let rule):
      self.init(.usage, "invalid_path", "\"\(path)\" is no path of a repository: it \(rule).")
    case .outsideWorkingTree(let path):
      self.init(
        .usage, "outside", "\(path) lies outside of the repository's working tree.")
    case .nestedPaths(let path, let outer):
      self.init(
        .usage, "nested", "\(path) lies in \(outer), which is tracked as a whole.",
        hint: "keep adapters in folders of their own")
    case .nothingToCommit:
      self.init(
        .negative, "nothing_to_commit", "Nothing is staged that differs from the last commit.",
        hint: "stage something with: adapterctl add PATH, or commit -a")
    case .unknownAuthor:
      self.init(
        .usage, "unknown_author", "No name is known to commit under.",
        hint: "set one with: adapterctl config user.name NAME")
    case .changedWhileRead(let path):
      self.init(
        .integrity, "changed_while_read", "\(path) changed while it was read; nothing was kept.",
        hint: "wait until it is written, and try again")
    case .notRestored(let path):
      self.init(
        .integrity, "not_restored",
        "\(path) could not be given back as it was stored; nothing was written.",
        hint: "find out what is damaged with: adapterctl fsck --full")
    case .notAddable(let path, let what):
      self.init(
        .usage, "not_addable", "\(path) cannot be added: it is \(what).",
        hint: what.hasPrefix("a symbolic link")
          ? "put the file in its place (cp -L), or leave it out by a line in .adapterctlignore"
          : nil)
    case .noCheckpoints(let path, let below):
      self.init(
        .usage, "no_checkpoints",
        "\(path) holds no checkpoints (folders checkpoint-N, or files N_adapters.safetensors).",
        hint: below.isEmpty
          ? "name the folder of a training run"
          : "they lie deeper; name one run: "
            + below.prefix(3).map { "adapterctl add --series \($0)" }.joined(separator: ", ")
            + (below.count > 3 ? " and \(below.count - 3) more" : ""))
    case .isCheckpoint(let path):
      self.init(
        .usage, "no_checkpoints", "\(path) is one checkpoint, and no run of several.",
        hint: "name the folder that it lies in, or add it by itself with: adapterctl add \(path)")
    case .unreadableAdapter(_, let error): self.init(error)
    case .refExists(let name):
      let isTag = name.text.hasPrefix(RefName.prefixes.tags)
      self.init(
        .usage, "ref_exists", "\(name.short) exists already.",
        hint: isTag
          ? "tags stay where they are; move an alias with: adapterctl tag --move \(name.short) REV"
          : name.text.hasPrefix(RefName.prefixes.branches)
            ? "go there with: adapterctl switch \(name.short)" : nil)
    case .noSuchRef(let name, let nearMisses):
      self.init(
        .usage, "no_such_ref", "There is no \(name).", hint: Self.didYouMean(nearMisses))
    case .invalidName(let name, let rule):
      self.init(.usage, "invalid_name", "\"\(name)\" cannot be a name: it \(rule).")
    case .wouldOverwrite(let paths):
      self.init(
        .negative, "would_overwrite",
        "Changes that are not committed would be lost: "
          + paths.prefix(4).map(\.text).joined(separator: ", ")
          + (paths.count > 4 ? " and \(paths.count - 4) more." : "."),
        hint: "commit them or move them away, or give them up with --force")
    case .noSuchBase(let name, let nearMisses):
      self.init(
        .usage, "no_such_base", "No base is registered as \"\(name)\", and no path has this name.",
        hint: Self.didYouMean(nearMisses)
          ?? "register it with: adapterctl base add PATH, or list those there are: adapterctl base list"
      )
    case .baseNotAtHand(let name, let place):
      self.init(
        .wrongBase, "base_not_at_hand",
        "The base \(name) is registered by its ids alone, and its files are not"
          + (place.map { " at \($0) any more." } ?? " known to be anywhere."),
        hint: "name its directory, or keep its bytes with: adapterctl base add PATH --store")
    case .wrongBase(let name, let registered, let actual, let tensors):
      let names = tensors.prefix(3).map(\.text).joined(separator: ", ")
      self.init(
        .wrongBase, "wrong_base",
        "This is not the base \(name): it is \(actual.digest.short), and \(name) is "
          + "\(registered.digest.short)."
          + (tensors.isEmpty
            ? ""
            : " \(Numbers.count(tensors.count, "tensor")) \(tensors.count == 1 ? "differs" : "differ"): \(names)"
              + (tensors.count > 3 ? " and others." : ".")),
        hint: "take the base that it was trained on")
    case .baseDiffers(let name, let registered, let actual):
      self.init(
        .wrongBase, "base_differs",
        "\(name) is registered with another content: it is \(registered.digest.short), and this is "
          + "\(actual.digest.short)\(registered == actual ? " with other side files" : "").",
        hint: "register it under another --name, or replace the registration with --force")
    case .baseInUse(let name, let commit, let path):
      self.init(
        .usage, "base_in_use",
        "\(path) was trained on \(name), and is "
          + (commit.map { "kept in the commit \($0.digest.short)." } ?? "staged."),
        hint: "forget the base all the same with --force; what is kept stays readable")
    case .malformedConfiguration(let path, let rule):
      self.init(.integrity, "configuration", "\(path) \(rule).")
    case .currentBranch(let name):
      self.init(
        .usage, "current_branch", "\(name) is the branch you are on.",
        hint:
          "move it with: adapterctl reset REV; or go to another one first with: adapterctl switch "
          + "BRANCH")
    case .notMerged(let name):
      self.init(
        .negative, "not_merged", "The branch \(name) has commits that nothing else reaches.",
        hint: "delete it all the same with: adapterctl branch -D \(name)")
    case .cannotUndo(let number, let rule):
      self.init(
        .usage, "cannot_undo", "Operation \(number) cannot be undone: it \(rule).",
        hint: "list what was done with: adapterctl op log")
    case .noAdapterInArchive(let path):
      self.init(
        .unmatched, "no_adapter",
        "\(path) holds neither an adapter nor a model; nothing was taken in.")
    case .unsoundBundle(let path, let reason):
      self.init(
        .integrity, "damaged_bundle",
        "The bundle \(path) is damaged: \(Self.damage(reason, in: path)). Nothing was taken in.",
        hint: "get a fresh copy of it, and check that with: adapterctl bundle verify \(path)")
    case .archive(let path, let rule):
      self.init(.integrity, "archive", "\(path) \(rule); nothing was kept.")
    case .unknownArchive(let path):
      self.init(
        .usage, "unknown_archive", "The name \(path.name) does not say which archive it is to be.",
        hint: "end it in .tar.zst, .tar or .zip")
    case .interrupted: self.init(.interrupted, "interrupted", "Interrupted; nothing was changed.")
    }
  }

  static func didYouMean(_ names: [String]) -> String? {
    names.isEmpty ? nil : "did you mean \(names.joined(separator: " or "))?"
  }

  /// Why the store refuses.
  init(_ error: StorageError) {
    switch error {
    case .file(let error): self.init(error)
    case .outcomeUnknown(let error):
      let reason = Failure(error).message
      self.init(
        .integrity, "outcome_unknown",
        "The last step was not confirmed by the disk: \(reason)",
        hint: "see what counts with: adapterctl log -1")
    case .notAStore(let path): self.init(.noRepository, "no_repository", "\(path) is no store.")
    case .unknownFeature(let feature):
      self.init(
        .integrity, "unknown_feature",
        "The repository needs \"\(feature)\", which this version does not know.",
        hint: "use a newer adapterctl")
    case .locked:
      self.init(
        .locked, "locked", "Garbage is being collected in this repository.",
        hint: "try again in a moment")
    case .refMoved(let name, _, _):
      self.init(
        .locked, "ref_moved", "Another command moved \(name.short) meanwhile; nothing was changed.",
        hint: "look at the log, and try again")
    case .refDiffersInCase(let name, let existing):
      self.init(
        .usage, "name_taken",
        "\(name.short) differs from \(existing.short) by upper and lower case alone.")
    case .invalidRefName(let name):
      self.init(.usage, "invalid_name", "\"\(name)\" cannot name a ref.")
    case .missingObject(let id):
      self.init(
        .integrity, "missing_object", "The object \(id) is missing.",
        hint: "see what else is damaged with: adapterctl fsck")
    case .missingChunk(let digest):
      self.init(
        .integrity, "missing_chunk", "The chunk \(digest) is missing.",
        hint: "see what else is damaged with: adapterctl fsck")
    case .missingPrerequisites(let ids):
      self.init(
        .negative, "missing_prerequisites",
        "The bundle is for a repository that has "
          + ids.prefix(4).map(\.digest.short).joined(separator: ", ")
          + (ids.count > 4 ? " and \(ids.count - 4) more" : "") + "; this one has not.",
        hint: "take in the bundle that came before it first")
    case .transactionTooOld(let seconds):
      self.init(
        .locked, "too_old",
        "This took \(seconds / 3600) hours, longer than gc waits for; nothing was changed.")
    default:
      self.init(
        .integrity, "damaged_store", "The store is damaged: \(Self.damage(error)).",
        hint: "see what is lost with: adapterctl fsck --full")
    }
  }

  /// What is wrong with a bundle, without a full stop.
  private static func damage(_ error: HistoryError, in bundle: Path) -> String {
    switch error {
    case .storage(.malformedFile(bundle, let rule)): return "it is \(rule)"
    case .storage(.file(.truncated)): return "it ends too early"
    case .storage(.damagedRecord(let digest, _)):
      return "\(digest.short) in it has other bytes than were written"
    case .storage(let error): return damage(error)
    case .malformedObject(let id, let kind, let rule): return "the \(kind) \(id) \(rule)"
    default:
      let sentence = Failure(error).message
      return sentence.hasSuffix(".") ? String(sentence.dropLast()) : sentence
    }
  }

  /// What is damaged, without a full stop.
  static func damage(_ error: StorageError) -> String {
    switch error {
    case .malformedEncoding(let rule): "a chunk is not encoded rightly (\(rule))"
    case .malformedFile(let path, let rule): "\(path) is not sound (\(rule))"
    case .damagedRecord(let digest, let pack):
      "\(digest.short) in the pack \(pack.short) has other bytes than were written"
    case .wrongContent(let digest): "what is kept as \(digest.short) is something else"
    case .notCanonical: "a document is not in its canonical spelling"
    case .tooLarge(let byteCount, let limit): "\(byteCount) bytes where \(limit) are allowed"
    case .encodingNotVerified(let digest):
      "the encoding of \(digest.short) did not decode; this machine's memory may be at fault"
    case .missingOperation(let number): "operation \(number) of the log is missing"
    case .invalidOperation(let rule): "the log would hold \(rule)"
    case .missingObject(let id): "the object \(id) is missing"
    case .missingChunk(let digest): "the chunk \(digest) is missing"
    case .file(let error): Failure(error).message
    default: "\(error)"
    }
  }
}
