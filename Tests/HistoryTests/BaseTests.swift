import Adapters
import Digests
import Files
import Foundation
import Storage
import Tensors
import TestSupport
import Testing

@testable import History

@Suite struct BaseTests {
  private func register(
    _ made: MadeRepository, _ path: Path, as name: String = "llama", source: String? = nil,
    replaces: Bool = false
  ) throws -> Registration {
    try made.repository.register(
      try made.contents(of: path), as: name, at: path, source: source, replaces: replaces,
      act: MadeRepository.act("base add"))
  }

  @Test func `a model has the ids that a merge gives it`() throws {
    let model = try Checkpoint(opening: Fixtures.folder.appending("lab/base"))
    let contents = try BaseContents(of: model, cache: nil)
    // As the merges of the README print it.
    #expect(contents.checkpoint.digest.short == "b3:0f225db6ff14")
    #expect(contents.tensors.count == model.tensorCount)
    #expect(contents.files["model.safetensors"]?.digest == nil)
    let config = try FileReader.contents(of: model.path.appending("config.json"), limit: 1 << 20)
    #expect(contents.files["config.json"]?.digest == BLAKE3.digest(of: config))
    let whole = try BaseContents(of: model, cache: nil, hashesFiles: true)
    let weights = try FileReader.contents(
      of: model.path.appending("model.safetensors"), limit: 1 << 28)
    #expect(whole.files["model.safetensors"]?.digest == BLAKE3.digest(of: weights))
    #expect(whole.files["model.safetensors"]?.sha256 == SHA256.digest(of: weights))
  }

  @Test func `is registered once, updated with what is new, replaced only when told`() throws {
    let made = try MadeRepository()
    let path = try made.model()
    #expect(try register(made, path).outcome == .added)
    #expect(try register(made, path).outcome == .unchanged)
    #expect(try register(made, path, source: "meta/llama").outcome == .updated)
    #expect(try register(made, path).outcome == .unchanged)
    #expect(try made.repository.base(named: "llama").source == "meta/llama")
    #expect(try made.repository.basePath(named: "llama") == path.resolved)
    let other = try made.model("other", fill: 8)
    #expect {
      try register(made, other)
    } throws: {
      guard case HistoryError.baseDiffers("llama", _, _) = $0 else { return false }
      return true
    }
    #expect(try register(made, other, replaces: true).outcome == .replaced)
  }

  @Test func `misspelt names get the ones that come close`() throws {
    let made = try MadeRepository()
    _ = try register(made, try made.model(), as: "llama-3")
    #expect {
      try made.repository.base(named: "lama-3")
    } throws: {
      guard case HistoryError.noSuchBase("lama-3", let names) = $0 else { return false }
      return names == ["llama-3"]
    }
  }

  @Test func `is found by its content and by what an adapter says`() throws {
    let made = try MadeRepository()
    let one = try register(made, try made.model(), as: "llama-3", source: "hub/Llama-3-8B").base
    _ = try register(made, try made.model("other", fill: 8), as: "qwen")
    let repository = made.repository
    #expect(try repository.base(ofCheckpoint: one.checkpoint) == one)
    #expect(try repository.base(ofCheckpoint: CheckpointID([:])) == nil)
    for declared in ["llama-3", "meta/llama-3", "/models/llama-3/", "hub/Llama-3-8B"] {
      #expect(try repository.baseFor(declared: declared) == one, "\(declared)")
    }
    for declared in [nil, "", "/", "llama", "hub/other"] {
      #expect(try repository.baseFor(declared: declared) == nil, "\(declared ?? "nil")")
    }
    _ = try register(made, try made.model("third", fill: 9), as: "x", source: "meta/llama-3")
    #expect(try repository.baseFor(declared: "meta/llama-3") == nil)
  }

  @Test func `a single changed bit is found, and its tensor is named`() throws {
    let made = try MadeRepository()
    let path = try made.model()
    _ = try register(made, path)
    _ = try made.repository.openBase(named: "llama", cache: made.cache())
    var bytes = MadeRepository.safetensors(fill: 7)
    bytes[bytes.count - 8 - 100] ^= 1
    try made.write(bytes, to: path.appending("model.safetensors"))
    #expect {
      _ = try made.repository.openBase(named: "llama", cache: made.cache())
    } throws: {
      guard case HistoryError.wrongBase("llama", _, _, let tensors) = $0 else { return false }
      return tensors == ["first"]
    }
  }

  @Test func `a file that was replaced under its old size and time is read again`() throws {
    let made = try MadeRepository()
    let path = try made.model()
    let base = try register(made, path).base
    let file = path.appending("model.safetensors")
    let cache = made.cache()
    _ = try made.contents(of: path, cache)
    let model = try Checkpoint(opening: path)
    #expect(BaseContents(of: model, knownTo: made.cache())?.checkpoint == base.checkpoint)
    let before = try FileStamp(file)
    let times = try FileManager.default.attributesOfItem(atPath: file.text)[.modificationDate]
    // In place, so that even the inode is the old one.
    let handle = try #require(FileHandle(forUpdatingAtPath: file.text))
    try handle.seek(toOffset: UInt64(before.byteCount - 1))
    handle.write(Data([63]))
    try handle.close()
    try FileManager.default.setAttributes(
      [.modificationDate: try #require(times)], ofItemAtPath: file.text)
    let after = try FileStamp(file)
    #expect(after.inode == before.inode && after.byteCount == before.byteCount)
    #expect(BaseContents(of: try Checkpoint(opening: path), knownTo: made.cache()) == nil)
    let contents = try made.contents(of: path, made.cache())
    #expect(BaseDifference(of: contents, from: base).tensors.differing == ["second"])
  }

  @Test func `differences name what differs, is missing and is there besides`() throws {
    let made = try MadeRepository()
    let path = try made.model()
    let base = try register(made, path).base
    try made.write([1], to: path.appending("config.json.bak"))
    try path.appending("config.json").removeFile()
    let difference = BaseDifference(of: try made.contents(of: path), from: base)
    #expect(difference.tensors.all.isEmpty)
    #expect(difference.files.missing == ["config.json"])
    #expect(difference.files.extra == ["config.json.bak"])
    #expect(!difference.isEmpty)
  }

  @Test func `a file that changes while it is read is refused`() throws {
    let made = try MadeRepository()
    let path = try made.model()
    let model = try Checkpoint(opening: path)
    let file = path.appending("model.safetensors")
    try made.write(MadeRepository.safetensors(fill: 7), to: file)
    #expect {
      _ = try BaseContents(of: model, cache: made.cache())
    } throws: {
      guard case HistoryError.changedWhileRead(file) = $0 else { return false }
      return true
    }
    let again = try Checkpoint(opening: path)
    #expect(truncate(file.text, 100) == 0)
    #expect {
      _ = try BaseContents(of: again, cache: nil)
    } throws: {
      guard case HistoryError.changedWhileRead(file) = $0 else { return false }
      return true
    }
  }

  @Test func `is forgotten unless something was trained on it`() throws {
    let made = try MadeRepository()
    let base = try register(made, try made.model()).base
    let repository = made.repository
    try repository.change(MadeRepository.act("commit")) { transaction throws(HistoryError) in
      do throws(StorageError) {
        let snapshot = Snapshot(
          content: .adapter, format: "peft", method: "lora", contentID: nil,
          base: base.checkpoint, declaredBase: nil,
          files: [
            "a": .init(
              byteCount: 0, digest: Digest("b3:" + String(repeating: "0", count: 64))!,
              file: ObjectID(BLAKE3.digest(of: [])))
          ])
        let id = try transaction.put(snapshot.object)
        let path = try? TrackedPath("math")
        guard let path else { return [] }
        let tree = try? repository.trees.write(nil, setting: [path: id], in: transaction)
        guard let tree else { return [] }
        let commit = Commit(
          tree: tree, parents: [], author: Signature(name: "T", email: ""),
          time: Timestamp(seconds: 1), message: "math\n")
        let commitID = try transaction.put(commit.object)
        return [RefUpdate(try RefName("refs/heads/main"), from: nil, to: .object(commitID))]
      } catch { throw .storage(error) }
    }
    let act = MadeRepository.act("base remove")
    #expect {
      _ = try repository.unregister(baseNamed: "llama", force: false, act: act)
    } throws: {
      guard case HistoryError.baseInUse("llama", .some, let path) = $0 else { return false }
      return path.text == "math"
    }
    _ = try repository.register(
      try made.contents(of: try made.model()), as: "alias", at: try made.model(), act: act)
    _ = try repository.unregister(baseNamed: "alias", force: false, act: act)
    _ = try repository.unregister(baseNamed: "llama", force: true, act: act)
    #expect(try repository.bases().isEmpty)
    #expect(try repository.basePath(named: "llama") == nil)
    #expect(throws: HistoryError.self) {
      try repository.unregister(baseNamed: "llama", force: true, act: act)
    }
  }

  @Test(arguments: [
    ("models/Llama 3 (8B)", "Llama-3--8B"), ("x/.hidden-", "hidden"), ("x/ü", "base"),
    ("hub/models--meta--Llama-3/snapshots/0a1b", "Llama-3"), ("a/v1..2", "v1.2"),
  ])
  func `gets its name from its folder`(folder: String, name: String) throws {
    let made = try MadeRepository()
    let path = made.folder.path.appending(folder)
    try path.createDirectories()
    #expect(Repository.baseName(for: path) == name)
    try made.write([1], to: path.appending("model.safetensors"))
    #expect(Repository.baseName(for: path.appending("model.safetensors")) == name)
  }
}
