/// What a method did to the entries of one weight.
public struct ElementTally: Sendable, Hashable {
  /// The entries of the weight, or of a common basis.
  public internal(set) var elementCount = 0
  /// How many each member kept, in the order of the members that have the weight.
  public internal(set) var memberKept: [Int] = []
  /// The entries for which two members that kept them have different signs.
  public internal(set) var conflictCount = 0
}
