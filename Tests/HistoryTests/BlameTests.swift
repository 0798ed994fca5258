import Storage
import Testing

@testable import History

@Suite struct BlameTests {
  @Test func `each tensor and each file has the commit that changed it last`() throws {
    let sample = try SampleRepository()
    func adapter(
      _ x: Float, _ y: Float, _ config: String, weights: String = "w.st"
    ) -> [String: SampleRepository.Content?] {
      ["m": .adapter(tensors: ["x": [x], "y": [y]], files: ["c": config], weights: weights)]
    }
    let first = try sample.commit("first", adapter(1, 1, "a"))
    let second = try sample.commit("second", adapter(1, 2, "a"))
    try sample.commit("elsewhere", ["n": .text("n")])
    let fourth = try sample.commit("fourth", adapter(1, 2, "b"))
    let moved = try sample.commit("moved", adapter(1, 2, "b", weights: "v.st"))
    let blame = try sample.repository.blame(try TrackedPath("m"), from: moved)
    #expect(
      blame.lines.map(\.part) == [
        .file("c"), .tensor("x", file: "v.st"), .tensor("y", file: "v.st"),
      ])
    #expect(blame.lines.map(\.commit) == [fourth, first, second])
    #expect(Set(blame.commits.keys) == [first, second, fourth])
    let earlier = try sample.repository.blame(try TrackedPath("m"), from: second)
    #expect(earlier.lines.map(\.commit) == [first, first, second])
  }

  @Test func `what was taken out and came back is from when it came back`() throws {
    let sample = try SampleRepository()
    try sample.commit("first", ["f": .text("a")])
    try sample.commit("out", ["f": nil])
    let back = try sample.commit("back", ["f": .text("a")])
    let blame = try sample.repository.blame(try TrackedPath("f"), from: back)
    #expect(blame.lines.map(\.part) == [.file("")])
    #expect(blame.lines.map(\.commit) == [back])
  }

  @Test func `what came by a merge is the merge's`() throws {
    let sample = try SampleRepository()
    let root = try sample.commit("root", ["f": .text("a")])
    let side = try sample.commit("side", ["f": .text("b")], on: "side", from: root)
    let merge = try sample.commit("merge", ["f": .text("b")], merging: [side])
    let blame = try sample.repository.blame(try TrackedPath("f"), from: merge)
    #expect(blame.lines.map(\.commit) == [merge])
  }

  @Test func `what is not tracked is said to be so`() throws {
    let sample = try SampleRepository()
    let root = try sample.commit("root", ["math": .text("a"), "runs/a": .text("a")])
    for path in ["meth", "runs", "math/x"] {
      #expect { try sample.repository.blame(try TrackedPath(path), from: root) } throws: { error in
        guard case HistoryError.notTracked(path, _, _) = error else { return false }
        return true
      }
    }
  }
}
