public import JSON

/// One setting that two configurations do not share.
public struct ConfigurationChange: Sendable, Hashable {
  /// The setting's keys from the outside in, joined by dots: `rank_pattern.q_proj`.
  public let key: String
  /// The value before; nil where the key is missing.
  public let old: JSONValue?
  /// The value after; nil where the key is missing.
  public let new: JSONValue?

  /// What differs between two documents, in the order of the keys' names.
  ///
  /// Objects are compared member by member. Lists that PEFT reads as sets are compared as sets; a
  /// table of patterns whose entries come in another order differs, as the first match decides.
  public static func changes(from old: JSONValue?, to new: JSONValue?) -> [ConfigurationChange] {
    var changes: [ConfigurationChange] = []
    collect(old ?? [:], new ?? [:], below: [], into: &changes)
    return changes.sorted { $0.key < $1.key }
  }

  /// The lists that PEFT reads as sets. Token indices are none: their order is that of the rows.
  private static let sets: Set<String> = [
    "target_modules", "exclude_modules", "modules_to_save", "layers_to_transform",
    "layers_pattern", "target_parameters",
  ]
  private static let tables: Set<String> = ["rank_pattern", "alpha_pattern"]

  private static func collect(
    _ old: JSONValue, _ new: JSONValue, below path: [String],
    into changes: inout [ConfigurationChange]
  ) {
    guard let before = old.members, let after = new.members else {
      if !isSame(old, new, key: path.last ?? "") {
        changes.append(.init(key: path.joined(separator: "."), old: old, new: new))
      }
      return
    }
    if path.count == 1, tables.contains(path[0]), before.map(\.key) != after.map(\.key),
      Set(before.map(\.key)) == Set(after.map(\.key))
    {
      changes.append(.init(key: path[0], old: old, new: new))
      return
    }
    for member in before {
      let path = path + [member.key]
      if let value = new[member.key] {
        collect(member.value, value, below: path, into: &changes)
      } else {
        changes.append(.init(key: path.joined(separator: "."), old: member.value, new: nil))
      }
    }
    for member in after where old[member.key] == nil {
      let path = path + [member.key]
      changes.append(.init(key: path.joined(separator: "."), old: nil, new: member.value))
    }
  }

  private static func isSame(_ old: JSONValue, _ new: JSONValue, key: String) -> Bool {
    if old == new { return true }
    if let before = old.number, let after = new.number { return before == after }
    guard sets.contains(key), let before = old.elements, let after = new.elements else {
      return false
    }
    return Set(before) == Set(after)
  }
}
