import Files
import Testing

struct ArrowTests {
  @Test func `no room imports against the arrows`() {
    for file in SourceFile.all {
      guard let allowed = Rooms.arrows[file.room] else {
        Issue.record("\(file.name) stands in no room that the table knows")
        continue
      }
      for module in file.imports.map(\.module) {
        #expect(
          allowed.contains(module) || Rooms.system.contains(module),
          "\(file.name) imports \(module)")
      }
    }
  }

  @Test func `no declared arrow is left unused`() {
    for (room, allowed) in Rooms.arrows {
      let used = Set(SourceFile.all.filter { $0.room == room }.flatMap { $0.imports.map(\.module) })
      #expect(allowed.subtracting(used).isEmpty, "\(room) declares more than it imports")
    }
  }

  @Test func `no public interface shows a C module`() {
    for file in SourceFile.all {
      for (module, isPublic) in file.imports where isPublic {
        #expect(!Rooms.c.contains(module), "\(file.name) shows \(module)")
      }
    }
  }

  @Test func `arrows never lead back`() {
    var left = Rooms.arrows.mapValues { $0.intersection(Rooms.arrows.keys) }
    while let leaf = left.first(where: { $0.value.isDisjoint(with: left.keys) }) {
      left[leaf.key] = nil
    }
    #expect(left.isEmpty, "these rooms form a ring: \(left.keys.sorted())")
  }

  @Test func `the manifest has the same arrows`() throws {
    let manifest = try Repository.text(Repository.root.appending("Package.swift"))
    for (room, allowed) in Rooms.arrows {
      let start: Regex<Substring> =
        room == "adapterctl"
        ? try Regex(#"executableTarget\(\s*name: "adapterctl","#)
        : try Regex(#"[^\w]room\(\s*"\#(room)""#)
      guard let match = manifest.firstMatch(of: start) else {
        Issue.record("the manifest has no target \(room)")
        continue
      }
      // The dependencies are the next list, unless the declaration ends before.
      let rest = manifest[match.range.upperBound...]
      let listed = rest.prefixMatch(of: /\)/) == nil ? rest.firstMatch(of: /\[([^\]]*)\]/)?.1 : ""
      let names = (listed ?? "").matches(of: /(?:name: )?"(\w+)"/).map { String($0.1) }
      #expect(Set(names) == allowed, "the manifest's \(room)")
    }
  }

  @Test func `the map has the same arrows`() throws {
    let map = try Repository.text(Repository.root.appending("Sources/README.md"))
    for (room, allowed) in Rooms.arrows {
      let line = Repository.lines(map).first { $0.wholeMatch(of: /(\w+) +→ +.*/)?.1 == room[...] }
      guard let line, let names = line.split(separator: "→").last else {
        Issue.record("the map has no arrows of \(room)")
        continue
      }
      #expect(Set(names.matches(of: /\w+/).map { String($0.0) }) == allowed, "the map's \(room)")
    }
  }
}
