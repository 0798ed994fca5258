import Archives
import Files
import Storage
import TestSupport
import Testing

@testable import History

/// Bundles and archives carry everything, and hostile ones nothing.
@Suite struct ExchangeTests {
  private func archive(_ fixture: CareFixture, _ name: String) -> Path {
    fixture.folder.path.appending(name)
  }

  @Test(arguments: ["tar.zst", "tar", "zip"])
  func `an archive is the same each time, and comes back byte for byte`(_ ending: String) throws {
    let fixture = try CareFixture()
    let commit = try fixture.commit("runs/math", seed: 1, rows: 200_000)
    let place = try fixture.repository.place("main", path: "runs/math")
    for name in ["one", "two"] {
      let exported = try fixture.repository.export(
        place, named: "math", time: commit.commit.time,
        to: archive(fixture, "\(name).\(ending)"), execution: CareFixture.execution)
      #expect(exported.fileCount == 2)
    }
    let one = try FileReader.contents(of: archive(fixture, "one.\(ending)"), limit: 1 << 30)
    #expect(one == (try FileReader.contents(of: archive(fixture, "two.\(ending)"), limit: 1 << 30)))
    #expect(try fixture.folder.path.entryNames().allSatisfy { !$0.contains("partial") })

    let other = try CareFixture("other")
    let imported = try other.repository.importArchive(
      archive(fixture, "one.\(ending)"), as: nil, base: nil, act: other.act("import"),
      execution: CareFixture.execution)
    #expect(imported.path.text == "math")
    let id = try #require(imported.changes.first?.new)
    guard case .snapshot(let original, _) = place else { return }
    #expect(id == original)
    #expect(
      try CareFixture.contents(of: other.root.appending("math"))
        == CareFixture.contents(of: fixture.root.appending("runs/math")))
  }

  @Test func `with a message what was taken in is committed`() throws {
    let fixture = try CareFixture()
    try fixture.commit(seed: 1)
    let output = archive(fixture, "a.tar")
    _ = try fixture.repository.export(
      try fixture.repository.place("main", path: ""), named: "all", time: Timestamp(seconds: 0),
      to: output, execution: CareFixture.execution)
    let other = try CareFixture("other")
    let imported = try other.repository.importArchive(
      output, as: try TrackedPath("in/here"), base: nil,
      committing: ("from afar", Signature(name: "T", email: "t@example.org")),
      act: other.act("import"), execution: CareFixture.execution)
    #expect(imported.committed?.changes.map(\.path.text) == ["in/here/math"])
    #expect(try other.repository.status().isClean)
  }

  @Test func `nothing that exists is touched`() throws {
    let fixture = try CareFixture()
    try fixture.commit(seed: 1)
    let place = try fixture.repository.place("main", path: "math")
    let output = archive(fixture, "a.tar")
    _ = try fixture.repository.export(
      place, named: "math", time: Timestamp(seconds: 0), to: output,
      execution: CareFixture.execution)
    let before = try FileReader.contents(of: output, limit: 1 << 30)
    #expect(throws: HistoryError.self) {
      _ = try fixture.repository.export(
        place, named: "x", time: Timestamp(seconds: 0), to: output,
        execution: CareFixture.execution)
    }
    #expect(try FileReader.contents(of: output, limit: 1 << 30) == before)
    let files = try CareFixture.contents(of: fixture.root.appending("math"))
    #expect(throws: HistoryError.self) {
      _ = try fixture.repository.importArchive(
        output, as: nil, base: nil, act: fixture.act("import"), execution: CareFixture.execution)
    }
    #expect(try CareFixture.contents(of: fixture.root.appending("math")) == files)
    #expect(try fixture.repository.own("checkouts").entryNames().isEmpty)
  }

  @Test(arguments: [
    "../out.txt", "/etc/x", "a/../../b", "a//b", ".adapterctl/config.json", "x/.adapterctl/format",
  ])
  func `a hostile name leaves nothing behind`(_ name: String) throws {
    let fixture = try CareFixture()
    let zip = ZipBuilder([
      .init("good/adapter_config.json", Array("{}".utf8)), .init(name, [1, 2, 3]),
    ])
    let path = archive(fixture, "hostile.zip")
    try FileWriter.write(zip.bytes(), creating: path)
    #expect {
      _ = try fixture.repository.importArchive(
        path, as: nil, base: nil, act: fixture.act("import"), execution: CareFixture.execution)
    } throws: { error in
      guard case HistoryError.archive = error else { return false }
      return true
    }
    #expect(try fixture.root.entryNames() == [".adapterctl"])
    #expect(try fixture.folder.path.entryNames().sorted() == ["hostile.zip", "work"])
    #expect(try fixture.repository.own("checkouts").entryNames().isEmpty)
  }

  @Test func `an archive without an adapter leaves nothing behind`() throws {
    let fixture = try CareFixture()
    let zip = ZipBuilder([.init("folder/readme.txt", [1, 2, 3])])
    let path = archive(fixture, "plain.zip")
    try FileWriter.write(zip.bytes(), creating: path)
    #expect {
      _ = try fixture.repository.importArchive(
        path, as: try TrackedPath("deep/er/place"), base: nil, act: fixture.act("import"),
        execution: CareFixture.execution)
    } throws: { error in
      guard case HistoryError.noAdapterInArchive(path) = error else { return false }
      return true
    }
    #expect(try fixture.root.entryNames() == [".adapterctl"])
  }

  @Test func `a bundle makes the refs that are missing and moves none`() throws {
    let fixture = try CareFixture()
    let first = try fixture.commit(seed: 1)
    _ = try fixture.repository.makeTag(
      "v1", at: first.id, message: "one", tagger: Signature(name: "T", email: "t@example.org"),
      moving: false, act: fixture.act("tag"))
    let second = try fixture.commit(seed: 2)
    let whole = archive(fixture, "whole.bundle")
    _ = try fixture.repository.bundle(try fixture.repository.bundledNames(), since: [], to: whole)

    let other = try CareFixture("other")
    let made = try other.repository.unbundle(try Bundle(opening: whole), act: other.act())
    #expect(made.map(\.outcome) == [.made, .made])
    #expect(try other.repository.commit("main") == second.id)
    #expect(try other.repository.commit("v1") == first.id)
    #expect(try other.files(of: second.id) == fixture.files(of: second.id))
    #expect(try other.reopened().check(.full, execution: CareFixture.execution).isClean)

    // From here the two go apart.
    let mine = try other.commit("own", seed: 8)
    let third = try fixture.commit(seed: 3)
    let part = archive(fixture, "part.bundle")
    _ = try fixture.repository.bundle(["main"], since: ["v1"], to: part)
    let placed = try other.repository.unbundle(try Bundle(opening: part), act: other.act())
    let aside = try RefName("refs/remotes/bundle/heads/main")
    #expect(placed.map(\.outcome) == [.keptAs(aside)])
    #expect(try other.repository.commit("main") == mine.id)
    #expect(try other.repository.commit("refs/remotes/bundle/heads/main") == third.id)

    let empty = try CareFixture("empty")
    #expect(throws: HistoryError.self) {
      _ = try empty.repository.unbundle(try Bundle(opening: part), act: empty.act())
    }
    #expect(try empty.repository.refs().count == 1)
  }

  @Test func `a bundle that is no history makes no refs`() throws {
    let fixture = try CareFixture()
    let commit = try fixture.commit(seed: 1)
    try fixture.plant([CareFixture.commit(of: commit.id)])
    let path = archive(fixture, "wrong.bundle")
    _ = try fixture.repository.bundle(["planted"], since: [], to: path)
    let other = try CareFixture("other")
    #expect {
      _ = try other.repository.unbundle(try Bundle(opening: path), act: other.act())
    } throws: { error in
      guard case HistoryError.unsoundBundle(path, .malformedObject(_, "tree", _)) = error else {
        return false
      }
      return true
    }
    #expect(try other.repository.refs().keys.map(\.text) == ["HEAD"])
  }

  @Test func `every damaged byte of a bundle is found before anything is stored`() throws {
    let fixture = try CareFixture()
    try fixture.commit(seed: 1)
    let path = archive(fixture, "a.bundle")
    _ = try fixture.repository.bundle(["main"], since: [], to: path)
    let bytes = try FileReader.contents(of: path, limit: 1 << 30)
    let other = try CareFixture("other")
    let before = try other.state()
    for offset in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 40)) {
      var damaged = bytes
      damaged[offset] ^= 1
      let copy = archive(fixture, "damaged-\(offset)")
      try FileWriter.write(damaged, creating: copy)
      #expect(throws: (any Error).self) {
        _ = try other.repository.unbundle(try Bundle(opening: copy), act: other.act())
      }
    }
    #expect(try other.state() == before)
  }
}
