import Digests
import Storage
import Testing

@testable import History

@Suite struct GraphDrawingTests {
  /// Draws commits `name: parents`, with their names beside them.
  private func drawn(_ commits: [(String, [String])]) -> String {
    func id(_ name: String) -> ObjectID { ObjectID(BLAKE3.digest(of: Array(name.utf8))) }
    var drawing = GraphDrawing()
    var lines: [String] = []
    for (name, parents) in commits {
      let rows = drawing.add(id(name), parents: parents.map(id)).rows
      for (number, row) in rows.enumerated() {
        var line = number == 0 ? row + " " + name : row
        while line.last == " " { line.removeLast() }
        lines.append(line)
      }
    }
    return lines.joined(separator: "\n")
  }

  @Test func `a line of commits is a line`() {
    #expect(
      drawn([("c", ["b"]), ("b", ["a"]), ("a", [])]) == """
        * c
        * b
        * a
        """)
  }

  @Test func `a branch forks off and is merged`() {
    #expect(
      drawn([("m", ["b", "x"]), ("x", ["a"]), ("b", ["a"]), ("a", [])]) == #"""
        *   m
        |\
        | * x
        * | b
        |/
        * a
        """#)
  }

  @Test func `a branch in the middle makes room and gives it back`() {
    #expect(
      drawn([
        ("t", ["a"]), ("m", ["b", "x"]), ("x", ["a"]), ("b", ["a"]), ("a", []),
      ]) == #"""
        * t
        | *   m
        | |\
        | | * x
        | |/
        |/|
        | * b
        |/
        * a
        """#)
  }

  @Test func `columns to the right move over for a merge`() {
    #expect(
      drawn([
        ("t", ["b"]), ("u", ["z"]), ("b", ["a", "x"]), ("x", ["a"]), ("a", []), ("z", []),
      ]) == #"""
        * t
        | * u
        * |   b
        |\ \
        | * | x
        |/ /
        * | a
         /
        * z
        """#)
  }

  @Test func `an octopus has an arm for each parent`() {
    #expect(
      drawn([("o", ["a", "b", "c"]), ("c", ["r"]), ("b", ["r"]), ("a", ["r"]), ("r", [])])
        == #"""
        *     o
        |\
        |\ \
        | | * c
        | * | b
        | |/
        * | a
        |/
        * r
        """#)
  }

  @Test func `a line passes over others on its way`() {
    #expect(
      drawn([
        ("t", ["a"]), ("u", ["z"]), ("v", ["a"]), ("w", ["y"]), ("a", []), ("z", []), ("y", []),
      ]) == #"""
        * t
        | * u
        | | * v
        | |/
        |/|
        | | * w
        * | | a
         / /
        * | z
         /
        * y
        """#)
  }

  @Test func `histories without a common commit end one by one`() {
    #expect(drawn([("b", []), ("a", [])]) == "* b\n* a")
  }
}
