internal import Adapters
internal import Compute
internal import JSON
internal import Tensors

extension UpdateDifference {
  var json: JSONValue {
    var json: JSONValue = [
      "module": .string(target.module.path), "parameter": .string(target.parameter),
      "state": .string(state), "identical": .bool(isIdentical),
      "old": old.map(\.differenceJSON) ?? .null, "new": new.map(\.differenceJSON) ?? .null,
      "coverage": .string(coverage.rawValue), "norms": norms.map(\.json) ?? .null,
      "magnitudes": magnitudes.map(\.json) ?? .null,
      "measures": measures.map { .object($0.norms.members) } ?? .null,
      "cosine": measures?.cosine.map { .number($0) } ?? .null,
      "angles": measures?.angles.map { ["left": $0.left.json, "right": $0.right.json] } ?? .null,
    ]
    if let baseNorms {
      json.set(
        "base_norms",
        to: .object(
          baseNorms.sorted { $0.key.rawValue < $1.key.rawValue }.map {
            .init($0.key.rawValue, $0.value.isFinite ? .number($0.value) : .null)
          }))
    }
    return json
  }
}

extension [MatrixNorm: DifferenceNorms] {
  /// The norms under their names.
  var members: [JSONValue.Member] {
    sorted { $0.key.rawValue < $1.key.rawValue }.map { .init($0.key.rawValue, $0.value.json) }
  }
}

extension Inspection.Row {
  fileprivate var differenceJSON: JSONValue {
    [
      "change": .string(kind), "rank": rank.map { .integer($0) } ?? .null,
      "scaling": scaling.map { .number($0) } ?? .null,
      "shape": .array(extents.map { .integer($0) }),
      "dtypes": .array(dtypes.map { .string($0.rawValue) }),
    ]
  }
}

extension DifferenceNorms {
  /// The norms; null where one is not finite.
  var json: JSONValue {
    func number(_ value: Double?) -> JSONValue {
      value.flatMap { $0.isFinite ? .number($0) : nil } ?? .null
    }
    return [
      "old": number(old), "new": number(new), "distance": number(distance),
      "relative": number(relative), "error_bound": number(errorBound),
    ]
  }
}

extension SubspaceAngles {
  /// Angles in radians, similarities from 0 to 1.
  var json: JSONValue {
    func numbers(_ values: [Double]) -> JSONValue { .array(values.map { .number($0) }) }
    return [
      "old_vectors": .integer(oldCount), "new_vectors": .integer(newCount),
      "dimension": .integer(dimension), "angles": numbers(angles),
      "similarity": .array(similarity.map(numbers)),
      "overlap": overlap.map { .number($0) } ?? .null, "random_overlap": .number(randomOverlap),
      "grassmann_distance": .number(grassmannDistance),
      "chordal_distance": .number(chordalDistance),
    ]
  }
}
