import Testing

@testable import History

@Suite struct MessageTests {
  private func pairs(_ text: String) -> [String] { Message(text).trailers.map(\.description) }

  @Test(arguments: [
    ("Subject\n\nStep: 600\n", ["Step: 600"]),
    ("Subject\n\nBody.\n\nStep: 600\nEval-Loss:1.25\n", ["Step: 600", "Eval-Loss: 1.25"]),
    ("Subject\n\nNote: one\n  and two\nStep: 3", ["Note: one and two", "Step: 3"]),
    ("Subject\n\nKey : value\n", ["Key: value"]),
    ("Subject\n\nEmpty:\n", ["Empty:"]),
    ("Subject\n\nOld: 1\n\nNew: 2\n\n\n", ["New: 2"]),
    ("Step: 600\n", []),
    ("Step: 600\nMore: 1\n", []),
    ("Subject\n\nBody: is here\nand goes on\n", []),
    ("Subject\n\nin step 3: more\n", []),
    ("Subject\n\n  Step: 600\n", []),
    ("Subject\n\nSee below\nSigned-off-by: Ada\n", ["Signed-off-by: Ada"]),
    ("Subject\n\na\nb\nc\nd\nSigned-off-by: Ada\n", []),
    ("", []),
  ])
  func `the last paragraph has trailers where all its lines are`(text: String, found: [String]) {
    #expect(pairs(text) == found)
  }

  @Test(arguments: [
    ("Subject", "Subject\n\nStep: 7\n"),
    ("Subject\n\nBody.\n", "Subject\n\nBody.\n\nStep: 7\n"),
    ("Subject\n\nSeed: 1\n", "Subject\n\nSeed: 1\nStep: 7\n"),
    ("Subject\n\nStep: 7\n", "Subject\n\nStep: 7\n"),
    ("Subject\n\nStep: 6\n", "Subject\n\nStep: 6\nStep: 7\n"),
  ])
  func `trailers are added to the block that is there`(text: String, result: String) throws {
    let trailer = try #require(Trailer(option: "Step=7"))
    #expect(Message(text).adding(trailers: [trailer, trailer]).text == result)
    #expect(Message(result).trailers.contains(trailer))
  }

  @Test func `an option is a key and a value`() {
    #expect(Trailer(option: "Eval-Loss=a=b")?.description == "Eval-Loss: a=b")
    #expect(Trailer(option: "Step: 7")?.description == "Step: 7")
    #expect(Trailer(option: "Note=a\nStep: 8")?.description == "Note: a Step: 8")
    for text in ["", "Step", "=7", "a b=7", "ü=7"] { #expect(Trailer(option: text) == nil) }
  }

  @Test func `white space around a message is dropped`() {
    #expect(Message("\n  \n  Subject \n\nBody\t\n\n \n").text == "  Subject \n\nBody\n")
    #expect(Message(" \n\n").text == "")
    #expect(Message("a\nb").subject == "a")
    #expect(Message("").subject == "")
  }
}
