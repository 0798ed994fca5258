/// Medians of repeated runs.
enum Measurement {
  /// The median duration of `body` in seconds: at least 5 runs after one that is not counted, and
  /// as many more as fit into half a second.
  static func seconds(_ body: () -> Void) -> Double {
    body()
    let clock = ContinuousClock()
    let start = clock.now
    var durations: [Double] = []
    while durations.count < 5 || (clock.now - start < .milliseconds(500) && durations.count < 99) {
      durations.append(clock.measure(body) / .seconds(1))
    }
    return durations.sorted()[durations.count / 2]
  }

  /// Prints a rate beside its limit, both in units of 10⁹ a second.
  static func report(_ label: String, _ rate: Double, of limit: Double, _ unit: String) {
    let padded = label + String(repeating: " ", count: max(1, 44 - label.count))
    print(
      "  \(padded)\(decimal(rate)) \(unit)   limit \(decimal(limit))   \(Int(100 * rate / limit)) %"
    )
  }

  /// One decimal, right-aligned.
  private static func decimal(_ number: Double) -> String {
    let tenths = Int((number * 10).rounded())
    let text = "\(tenths / 10).\(tenths % 10)"
    return String(repeating: " ", count: max(0, 6 - text.count)) + text
  }
}
