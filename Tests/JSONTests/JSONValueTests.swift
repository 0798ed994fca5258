import JSON
import Testing

@Suite struct JSONValueTests {
  @Test func `a value is asked for what it holds`() {
    let value: JSONValue = [
      "r": 8, "alpha": 16.0, "scale": 0.5, "name": "x", "on": true, "no": .null,
    ]
    #expect(value["r"]?.integer == 8)
    #expect(value["alpha"]?.integer == 16)
    #expect(value["scale"]?.integer == nil)
    #expect(value["r"]?.number == 8)
    #expect(value["name"]?.string == "x")
    #expect(value["on"]?.bool == true)
    #expect(value["no"]?.isNull == true)
    #expect(value["missing"] == nil)
    #expect(value["r"]?["r"] == nil)
    #expect(JSONValue.number(.nan).integer == nil)
    #expect(JSONValue.number(1e300).integer == nil)
  }

  @Test func `a member is set in place, added at the end, and removed`() {
    var value: JSONValue = ["a": 1, "b": 2]
    value.set("a", to: 3)
    value.set("c", to: 4)
    value.remove("b")
    #expect(value.text() == #"{"a":3,"c":4}"#)
    var array: JSONValue = [1]
    array.set("a", to: 1)
    array.remove("a")
    #expect(array == [1])
  }
}
