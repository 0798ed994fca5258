import JSON
import Testing

@testable import Adapters

@Suite struct ConfigurationChangeTests {
  private func keys(_ old: String, _ new: String) throws -> [String] {
    try ConfigurationChange.changes(
      from: JSONValue(parsing: old), to: JSONValue(parsing: new)
    ).map(\.key)
  }

  @Test func `what differs is named by its whole key`() throws {
    let changes = ConfigurationChange.changes(
      from: try JSONValue(parsing: #"{"r": 8, "a": {"b": {"c": 1, "d": 2}}, "gone": null}"#),
      to: try JSONValue(parsing: #"{"new": [1], "a": {"b": {"c": 3, "d": 2}}, "r": 8.0}"#))
    #expect(
      changes == [
        .init(key: "a.b.c", old: 1, new: 3), .init(key: "gone", old: .null, new: nil),
        .init(key: "new", old: nil, new: [1]),
      ])
  }

  @Test func `lists are sets where PEFT reads them so, and nowhere else`() throws {
    #expect(
      try keys(#"{"target_modules": ["q", "v"]}"#, #"{"target_modules": ["v", "q"]}"#) == [])
    #expect(
      try keys(#"{"target_modules": ["q", "v"]}"#, #"{"target_modules": ["v"]}"#)
        == ["target_modules"])
    #expect(
      try keys(#"{"token_indices": [1, 2]}"#, #"{"token_indices": [2, 1]}"#) == ["token_indices"])
  }

  @Test func `the order of patterns decides, the order of keys does not`() throws {
    #expect(
      try keys(#"{"rank_pattern": {"q": 1, "v": 2}}"#, #"{"rank_pattern": {"v": 2, "q": 1}}"#)
        == ["rank_pattern"])
    #expect(
      try keys(#"{"rank_pattern": {"q": 1}}"#, #"{"rank_pattern": {"q": 2, "v": 1}}"#)
        == ["rank_pattern.q", "rank_pattern.v"])
    #expect(try keys(#"{"a": 1, "b": 2}"#, #"{"b": 2, "a": 1}"#) == [])
  }

  @Test func `no configuration is an empty one`() throws {
    #expect(ConfigurationChange.changes(from: nil, to: nil).isEmpty)
    #expect(ConfigurationChange.changes(from: nil, to: ["r": 4]).map(\.key) == ["r"])
  }
}
