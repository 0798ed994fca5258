internal import Adapters
internal import ArgumentParser

/// A method by its name, or by the one that PEFT and mergekit have for it: `ties_svd`,
/// `dare_linear`, `task_arithmetic`.
struct CombineMethodName: ExpressibleByArgument, Sendable {
  let method: CombineMethod

  static var allValueStrings: [String] { CombineMethod.allCases.map(\.rawValue) }

  init?(argument: String) {
    var name = argument.lowercased().split(separator: "_").joined(separator: "-")
    if name.hasSuffix("-svd") { name.removeLast("-svd".count) }
    let aliases = ["dare-linear": "dare", "task-arithmetic": "linear"]
    guard let method = CombineMethod(rawValue: aliases[name] ?? name) else { return nil }
    self.method = method
  }
}

/// How signs are elected.
enum MajorityName: String, ExpressibleByArgument, CaseIterable, Sendable {
  case total
  case frequency
  case weighted

  static let allValueDescriptions = [
    "total": "The sign of the sum, as the paper and PEFT", "frequency": "The sign that more have",
    "weighted": "The sign of the weighted sum, as mergekit",
  ]
}

/// What elected sums are divided by.
enum DivisorName: String, ExpressibleByArgument, CaseIterable, Sendable {
  case count
  case weights
  case none

  static let allValueDescriptions = [
    "count": "How many agree, as the paper and PEFT", "weights": "Their weights, as mergekit",
    "none": "Nothing",
  ]
}
