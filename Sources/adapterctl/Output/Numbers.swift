/// Numbers as tables and sentences show them.
enum Numbers {
  /// Four significant digits, without an exponent from 0.001 to 9999.
  static func significant(_ number: Double) -> String {
    guard number.isFinite else { return number.isNaN ? "NaN" : number < 0 ? "-inf" : "inf" }
    guard number != 0 else { return "0" }
    var exponent = 0
    var scaled = abs(number)
    while scaled >= 10 { (scaled, exponent) = (scaled / 10, exponent + 1) }
    while scaled < 1 { (scaled, exponent) = (scaled * 10, exponent - 1) }
    var digits = Int((scaled * 1000).rounded())
    if digits == 10_000 { (digits, exponent) = (1000, exponent + 1) }
    let sign = number < 0 ? "-" : ""
    let text = String(digits)
    guard (-4...6).contains(exponent) else {
      return "\(sign)\(text.prefix(1)).\(text.dropFirst())e\(exponent)"
    }
    if exponent < 0 {
      return sign + "0." + String(repeating: "0", count: -exponent - 1) + text
    }
    if exponent >= 3 { return sign + text + String(repeating: "0", count: exponent - 3) }
    return sign + text.prefix(exponent + 1) + "." + text.dropFirst(exponent + 1)
  }

  /// `97.3 %`
  static func percent(_ share: Double) -> String {
    let tenths = Int((share * 1000).rounded())
    return "\(tenths / 10).\(abs(tenths % 10)) %"
  }

  /// A size with the unit that suits it, in steps of 1000: `12.3 MB`.
  static func bytes(_ count: Int) -> String {
    let units = ["B", "kB", "MB", "GB", "TB"]
    var size = Double(count)
    var unit = 0
    while size >= 999.5, unit < units.count - 1 { (size, unit) = (size / 1000, unit + 1) }
    if unit == 0 { return "\(count) B" }
    let tenths = Int((size * 10).rounded())
    return tenths >= 1000
      ? "\(tenths / 10) \(units[unit])"
      : "\(tenths / 10).\(tenths % 10) \(units[unit])"
  }

  /// From the least to the most: `5–6`, or `8` where all are the same.
  static func range(_ counts: [Int]) -> String {
    let (least, most) = (counts.min() ?? 0, counts.max() ?? 0)
    return least == most ? "\(least)" : "\(least)–\(most)"
  }

  /// `1,048,576`
  static func grouped(_ count: Int) -> String {
    var digits = String(abs(count))
    var groups: [String] = []
    while digits.count > 3 {
      groups.insert(String(digits.suffix(3)), at: 0)
      digits.removeLast(3)
    }
    return (count < 0 ? "-" : "") + ([digits] + groups).joined(separator: ",")
  }

  /// `1 tensor`, `2 tensors`
  static func count(_ count: Int, _ noun: String) -> String {
    "\(grouped(count)) \(noun)\(count == 1 ? "" : "s")"
  }
}
