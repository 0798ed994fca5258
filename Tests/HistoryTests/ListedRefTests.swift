import Storage
import Testing

@testable import History

@Suite struct ListedRefTests {
  @Test func `refs come with what they lead to`() throws {
    let sample = try SampleRepository()
    let commit = try sample.commit("subject\n\nbody")
    let tag = try sample.tag("v1", commit, message: "a tag")
    try sample.move(.tag("light"), to: commit)
    let refs = try sample.repository.listedRefs()
    #expect(refs.map(\.name.text) == ["refs/heads/main", "refs/tags/light", "refs/tags/v1"])
    #expect(refs.map(\.id) == [commit, commit, tag])
    #expect(refs.map(\.subject) == ["subject", "subject", "a tag"])
    #expect(refs.map(\.kind) == [.commit, .commit, .tag])
    #expect(try sample.repository.listedRefs(matching: ["refs/tags"]).count == 2)
    let decorations = try Decorations(sample.repository)
    #expect(decorations[commit] == [.headBranch("main"), .tag("light"), .tag("v1")])
    #expect(decorations[tag] == [])
    #expect(try sample.repository.allTips() == [commit, commit, commit, commit])
  }

  @Test(arguments: [
    ("refs/heads/main", true), ("refs/heads", true), ("refs/heads/", true), ("refs", true),
    ("refs/head", false), ("refs/*/main", true), ("refs/*", false), ("refs/heads/m*", true),
    ("refs/heads/*n", true), ("refs/heads/?ain", true), ("refs/heads/?", false),
    ("*", false), ("refs/heads/*x*", false), ("refs/*a*/*a*n", true), ("refs/heads/main*", true),
    ("refs/h**s/ma?n", true), ("", false),
  ])
  func `patterns select names`(pattern: String, isSelected: Bool) {
    #expect(RefPattern.selects(pattern, "refs/heads/main") == isSelected)
  }
}
