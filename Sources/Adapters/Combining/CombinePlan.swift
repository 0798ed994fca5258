internal import Tensors

/// Everything a combination will do, settled before a delta is loaded.
///
/// With a common ancestor O it is three-way: the members' changes since then are combined and put on
/// top of it, O + method(A − O, B − O); the plain sum is A + B − O.
public struct CombinePlan: Sendable {
  /// The members that take part, in the order in which they were given. One of the weight 0 takes
  /// none, whatever the method: it would otherwise still vote for signs, and count for a mean.
  public let members: [CombineMember]
  /// The common ancestor; nil for a plain combination.
  public let ancestor: CombineMember?
  /// The method and what it was told.
  public let options: CombineOptions
  /// How many singular values of each weight are kept; nil for all of a method that keeps to low
  /// rank, and for the sum of the members' ranks of an elementwise one.
  public let selection: RankSelection?
  /// The weights that are combined, by target.
  public let weights: [PlannedWeight]
  /// What members bring whole and all who bring it agree on.
  public let carried: [WeightUpdate]
  /// Things the user should know and that stop nothing, as whole sentences.
  public let notes: [String]

  /// Pairs the members' updates. Throws where they do not fit one another, where one depends on a
  /// base, and where a method does not take what it is given.
  public init(
    _ members: [CombineMember], ancestor: CombineMember? = nil, options: CombineOptions,
    selection: RankSelection? = nil
  ) throws(AdapterError) {
    var notes: [String] = []
    let present = options.method == .slerp ? members : members.filter { $0.weight != 0 }
    if let rule = options.brokenRule(weights: present.map(\.weight)) {
      throw .combination(.badOptions(rule))
    }
    if options.method == .cat, selection != nil {
      throw .combination(.badOptions("cat keeps every rank: svd truncates."))
    }
    for member in members where member.weight == 0 && options.method != .slerp {
      notes.append("\(member.adapter.path) has the weight 0 and takes no part.")
    }
    notes += Self.baseNotes(present + [ancestor].compactMap { $0 })
    let pairing = try CombinePairing(present, ancestor: ancestor, options: options)
    self.members = present
    self.ancestor = ancestor
    self.options = options
    self.selection = selection
    weights = pairing.weights
    carried = pairing.carried
    self.notes = notes + pairing.notes
  }

  private static func baseNotes(_ members: [CombineMember]) -> [String] {
    let named = members.compactMap { member in member.adapter.declaredBase.map { (member, $0) } }
    guard let first = named.first, let other = named.first(where: { $0.1 != first.1 }) else {
      return []
    }
    return [
      "\(first.0.adapter.path) says that its base is \(first.1), and \(other.0.adapter.path) says "
        + "\(other.1): combining them is right only if those are one model."
    ]
  }
}
