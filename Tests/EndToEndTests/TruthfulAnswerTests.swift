import Files
import Foundation
import TestSupport
import Testing

/// What is unknown, lost, changed or damaged is said, and what can be had again is.
@Suite struct TruthfulAnswerTests {
  private let session: StoreSession
  private var work: Path { session.work }
  private let base = Fixtures.folder.appending("lab/base").text

  init() throws { session = try StoreSession.withTwoCommits() }

  @Test func `a base that nobody named is said to be unknown everywhere`() throws {
    #expect(try session.run(["log", "--stat"]).output.contains("A math  (base unknown)"))
    #expect(try session.run(["diff", "first", "HEAD"]).output.contains("base unknown"))
    #expect(try session.run(["blame", "math"]).errors.contains("base of math is unknown"))
    let merge = try session.run(["merge", "HEAD:math", "--base", base, "-o", "m"])
    #expect(merge.code == 0 && merge.errors.contains("unknown to the repository"))
    #expect(try session.run(["log", "--stat", "--json"]).output.contains("\"base_unknown\": true"))
    #expect(try session.run(["base", "add", base, "--name", "tiny"]).code == 0)
    #expect(try session.run(["add", "math", "--base", "tiny"]).code == 0)
    let commit = try session.run(["commit", "-m", "Name the base"])
    #expect(commit.code == 0 && !commit.output.contains("unknown"))
    let log = try session.run(["log", "--stat", "-n", "1"]).output
    #expect(log.contains("its base") && !log.contains("unknown") && !log.contains("0 of"))
    #expect(try session.run(["blame", "math"]).errors.isEmpty)
  }

  @Test func `each merge is written down, and a changed model is no merge`() throws {
    for output in ["one", "two"] {
      let merge = try session.run(["merge", "HEAD:math", "--base", base, "-o", output])
      #expect(merge.code == 0, "\(merge.errors)")
    }
    let merges = try session.run(["log", "--merges"]).output
    #expect(merges.contains("one:") && merges.contains("two:"))
    #expect(try session.run(["log", "--merged", "one"]).code == 0)
    #expect(try session.run(["gc", "--prune=now"]).code == 0)
    #expect(try session.run(["fsck", "--full"]).code == 0)
    #expect(try session.run(["log", "--merges"]).output == merges)
    let model = work.appending("one/model.safetensors")
    var bytes = try FileReader.contents(of: model, limit: 1 << 30)
    bytes[bytes.count - 1] ^= 1
    try Data(bytes).write(to: URL(fileURLWithPath: model.text))
    let changed = try session.run(["log", "--merged", "one"])
    #expect(changed.code == 1 && changed.output.contains("no longer those of the merge"))
    let json = try session.run(["log", "--merged", "one", "--json"])
    #expect(json.code == 1 && json.output.contains("\"unchanged\": false"))
  }

  @Test func `a store whose log is lost is not taken for an empty one`() throws {
    let log = work.appending(".adapterctl/log")
    try log.rename(over: work.appending("kept"))
    let packs = try StoreSession.files(work).keys.filter { $0.hasSuffix(".pack") }.sorted()
    for _ in 1...2 {
      #expect(try session.run(["init"]).code == 15)
      #expect(try session.run(["gc", "--prune=now"]).code != 0)
      #expect(try session.run(["status"]).code == 15)
      let found = try session.run(["fsck"])
      #expect(found.code == 1 && found.output.contains("1 finding\n"), "\(found.output)")
      #expect(log.kind == nil)
    }
    #expect(try StoreSession.files(work).keys.filter { $0.hasSuffix(".pack") }.sorted() == packs)
    // The folder alone does not make it an empty repository either.
    try log.createDirectory()
    for command in [["init"], ["status"], ["gc"]] {
      #expect(try session.run(command).code == 15, "\(command)")
    }
    #expect(try session.run(["fsck"]).output.contains("the empty log of a store with packs"))
    try log.removeTree()
    try work.appending("kept").rename(over: log)
    let copy = work.parent.appending("copy")
    try FileManager.default.copyItem(atPath: work.text, toPath: copy.text)
    let refs = StoreSession.refs(work)
    try log.removeTree()
    #expect(try session.run(["fsck", "--repair", "--from", "../copy"]).code == 0)
    #expect(StoreSession.refs(work) == refs)
    #expect(try session.run(["fsck", "--full"]).code == 0)
  }

  @Test func `a damaged operation comes back from a copy, or the log starts anew`() throws {
    let log = work.appending(".adapterctl/log")
    let last = log.appending(
      try #require(try log.entryNames().filter { $0.hasSuffix(".op") }.max()))
    let copy = work.parent.appending("copy")
    try FileManager.default.copyItem(atPath: work.text, toPath: copy.text)
    let refs = StoreSession.refs(work)
    var bytes = try FileReader.contents(of: last, limit: 1 << 20)
    bytes[20] ^= 1
    let damaged = Data(bytes)
    try last.removeFile()
    try damaged.write(to: URL(fileURLWithPath: last.text))
    let status = try session.run(["status"])
    #expect(status.code == 15 && status.errors.contains("fsck"))
    #expect(try session.run(["fsck"]).code == 1)
    let repaired = try session.run(["fsck", "--repair", "--from", "../copy"])
    #expect(repaired.code == 0 && repaired.output.contains("of the log found elsewhere"))
    #expect(StoreSession.refs(work) == refs)
    // Without the copy the last move is lost, and said to be.
    try last.removeFile()
    try damaged.write(to: URL(fileURLWithPath: last.text))
    let anew = try session.run(["fsck", "--repair"])
    #expect(anew.output.contains("the log starts anew"), "\(anew.output) \(anew.errors)")
    #expect(anew.code == 0 && anew.output.contains("now refs/lost/"))
    let log1 = try session.run(["log", "--oneline"]).output
    #expect(log1.contains("First") && !log1.contains("Second"))
    let lost = try session.run(["for-each-ref"]).output.split(whereSeparator: \.isWhitespace)
      .first { $0.hasPrefix("refs/lost/") }
    let found = try #require(lost).description
    #expect(try session.run(["log", "--oneline", found]).output.contains("Second"))
    for command in [["reflog"], ["op", "log"]] {
      #expect(try session.run(command).code == 0, "\(command)")
    }
    #expect(try session.run(["commit", "-a", "--allow-empty", "-m", "Third"]).code == 0)
    #expect(try session.run(["gc"]).code == 0)
    #expect(try session.run(["fsck", "--full"]).code == 0)
  }

  @Test func `staging a file again heals what was damaged of it`() throws {
    let packs = work.appending(".adapterctl/packs")
    for name in try packs.entryNames() {
      let path = packs.appending(name)
      var bytes = try FileReader.contents(of: path, limit: 1 << 30)
      guard bytes.count > 4000 else { continue }
      for place in stride(from: 200, to: bytes.count / 2, by: 911) { bytes[place] ^= 4 }
      try path.removeFile()
      try Data(bytes).write(to: URL(fileURLWithPath: path.text))
    }
    let found = try session.run(["fsck"])
    #expect(found.code == 1 && found.output.contains("cannot be given back whole: math"))
    // Under another path, so that no cache knows it; the version in HEAD is whole again.
    try session.take(step: 600, as: "again")
    #expect(try session.run(["add", "again"]).code == 0)
    let healed = try session.run(["checkout", "HEAD:math", "-o", "../out"])
    #expect(healed.code == 0, "\(healed.errors)")
  }
}
