/// Differences of weights, element by element.
public enum WeightDifference {
  /// Appends after − before, each difference rounded once to Float.
  public static func append(_ after: [Float], minus before: [Float], to target: inout [Float]) {
    precondition(after.count == before.count, "each element has its counterpart")
    let (new, old) = (after.span, before.span)
    for index in 0..<new.count { target.append(new[index] - old[index]) }
  }
}
