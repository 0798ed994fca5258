internal import Adapters
internal import Files

extension Failure {
  /// Why adapters cannot be combined.
  init(_ error: CombinationError) {
    switch error {
    case .badOptions(let rule): self.init(.usage, "options", rule)
    case .dependsOnBase(let path, let target, let method):
      self.init(
        .unmatched, "depends_on_base",
        "\(path) changes \(target) by \(method.rawValue), whose effect depends on the base and is no "
          + "update that can be added to another.",
        hint: "--base names the base that it is combined at; --exclude '\(target)' leaves it out")
    case .noFactors(let path, let target, let method):
      self.init(
        .unmatched, "no_factors",
        "\(path) changes \(target) by \(method.rawValue), in a form without two factors.",
        hint: "--base names the base, whose extents some forms need; --exclude '\(target)' leaves "
          + "it out")
    case .formsDiffer(let target, let one, let other, let difference):
      self.init(
        .unmatched, "forms_differ",
        "\(one) and \(other) do not fit one another: \(target) is \(difference).",
        hint: "check that they belong to one base")
    case .wholeAndDelta(let target, let whole, let delta):
      self.init(
        .unmatched, "whole_and_delta",
        "\(whole) replaces \(target) whole, and \(delta) adds to it.",
        hint: "leave it out with --exclude '\(target)'")
    case .wholeTensorsDiffer(let target, let one, let other):
      self.init(
        .unmatched, "whole_tensors_differ",
        "\(one) and \(other) bring \(target) whole, with different values, of which no update is "
          + "known.",
        hint: "leave it out with --exclude '\(target)'")
    case .mixedFanInFanOut(let one, let other):
      self.init(
        .unmatched, "fan_in_fan_out",
        "\(one) has fan_in_fan_out and \(other) has not, which no one adapter can say.",
        hint: "check that the adapters belong to one base")
    case .biasAlone(let target):
      self.init(
        .unmatched, "bias_alone",
        "\(target) is changed and the weight beside it is not, which PEFT has no place for.",
        hint: "leave it out with --exclude '\(target)'")
    case .empty(let method):
      self.init(
        .negative, "empty",
        "Nothing is left: \(method.rawValue) of these adapters is zero everywhere; nothing was "
          + "written.",
        hint: "look at the weights, the density and the rank that were asked for")
    }
  }
}
