internal import Glibc

/// The range of one axis and its ticks.
struct PlotAxis {
  let range: ClosedRange<Double>
  let isLogarithmic: Bool

  /// A range that holds the values; on a logarithmic axis those that are positive.
  init(holding values: [Double], isLogarithmic: Bool) {
    self.isLogarithmic = isLogarithmic
    let usable = values.filter { $0.isFinite && (!isLogarithmic || $0 > 0) }
    var (low, high) = (usable.min() ?? 0.1, usable.max() ?? 1)
    if isLogarithmic {
      if low == high { (low, high) = (low / 2, high * 2) }
    } else {
      low = min(low, 0)
      if low == high { high = low + 1 }
    }
    range = low...high
  }

  /// Where a value stands, from 0 to 1; nil where it has no place.
  func share(of value: Double) -> Double? {
    guard value.isFinite, !isLogarithmic || value > 0 else { return nil }
    let (low, high) = (range.lowerBound, range.upperBound)
    return isLogarithmic
      ? log(value / low) / log(high / low) : (value - low) / (high - low)
  }

  /// The values that are labelled, few and round.
  var ticks: [Double] {
    let (low, high) = (range.lowerBound, range.upperBound)
    guard isLogarithmic else {
      let raw = (high - low) / 5
      let decade = pow(10, floor(log10(raw)))
      let step = ([1.0, 2, 5, 10].first { $0 * decade >= raw } ?? 10) * decade
      return (Int((low / step).rounded(.up))...Int((high / step).rounded(.down)))
        .map { Double($0) * step }
    }
    let decades = Int(floor(log10(low)))...Int(ceil(log10(high)))
    let steps = log10(high / low) > 3 ? [1.0] : [1, 2, 5]
    let stride = max(1, decades.count / 8)
    return decades.filter { $0 % stride == 0 }
      .flatMap { decade in steps.map { $0 * pow(10, Double(decade)) } }
      .filter { $0 >= low * 0.999_999 && $0 <= high * 1.000_001 }
  }

  /// A value in a picture: whole numbers, such as ranks, as they are.
  static func value(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e6 ? String(Int(value)) : Numbers.significant(value)
  }

  /// A tick's label: `10⁻³` far from 1.
  static func label(_ value: Double) -> String {
    guard value != 0 else { return "0" }
    let exponent = Int(floor(log10(abs(value)) + 1e-9))
    if (-2...4).contains(exponent) {
      let text = Numbers.significant(value)
      guard text.contains(".") else { return text }
      var trimmed = text[...]
      while trimmed.last == "0" { trimmed.removeLast() }
      if trimmed.last == "." { trimmed.removeLast() }
      return String(trimmed)
    }
    let digits = Int((value / pow(10, Double(exponent))).rounded())
    let raised = String(exponent).map { Self.superscripts[$0] ?? $0 }
    return (digits == 1 ? "" : "\(digits)·") + "10" + String(raised)
  }

  private static let superscripts: [Character: Character] = [
    "-": "⁻", "0": "⁰", "1": "¹", "2": "²", "3": "³", "4": "⁴", "5": "⁵", "6": "⁶", "7": "⁷",
    "8": "⁸", "9": "⁹",
  ]
}
