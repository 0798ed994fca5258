internal import Adapters
internal import Digests
internal import Files
internal import JSON

extension CombinePlan {
  /// `a=0.7 + b=0.3`, and what they have come from.
  var inputs: String {
    let names = members.map { member in
      member.weight == 1
        ? member.adapter.path.text
        : "\(member.adapter.path)=\(Numbers.significant(member.weight))"
    }
    return names.joined(separator: " + ")
      + (ancestor.map { " since \($0.adapter.path)" } ?? "")
  }

  /// `ties (density 0.5, signs by total, divided by count)`
  var parameters: String {
    let words = settings.map { "\($0.word) \($0.value.string ?? $0.value.text())" }
    return options.method.rawValue
      + (words.isEmpty ? "" : " (\(words.joined(separator: ", ")))")
  }

  /// What the method uses, defaults included.
  private var settings: [(key: String, word: String, value: JSONValue)] {
    let method = options.method
    var settings: [(key: String, word: String, value: JSONValue)] = []
    if method.hasDensity {
      settings.append(("density", "density", .number(options.effectiveDensity)))
    }
    if [.della, .dellaLinear].contains(method) {
      settings.append(("epsilon", "epsilon", .number(options.effectiveEpsilon)))
    }
    if [.breadcrumbs, .breadcrumbsTIES].contains(method) {
      settings.append(("gamma", "gamma", .number(options.effectiveGamma)))
    }
    if method.electsSigns {
      settings.append(
        ("majority_sign", "signs by", .string(options.election.majority.rawValue)))
      settings.append(
        ("normalize", "divided by", .string(options.election.divisor.rawValue)))
    }
    if method == .slerp {
      settings.append(("t", "t", .number(options.place(ofMembersWeighted: members.map(\.weight)))))
    }
    if method.isRandom { settings.append(("seed", "seed", .integer(Int(clamping: options.seed)))) }
    if options.lambda != 1 { settings.append(("lambda", "lambda", .number(options.lambda))) }
    if let selection { settings.append(("rank_rule", "with", .string(selection.rule.text))) }
    return settings
  }

  /// What is known before anything is computed.
  func json(schema: String) -> JSONValue {
    [
      "schema": .string(schema), "method": .string(options.method.rawValue),
      "settings": .object(settings.map { .init($0.key, $0.value) }),
      "adapters": .array(
        members.map { member in
          [
            "path": .string(member.adapter.path.text), "weight": .number(member.weight),
            "method": .string(member.adapter.method.rawValue),
            "id": .string(member.id.description),
          ]
        }),
      "three_way": ancestor.map { .string($0.adapter.path.text) } ?? .null,
      "kept_whole": .array(carried.map { .string($0.target.description) }),
      "notes": .array(notes.map { .string($0) }),
    ]
  }
}
