internal import ArgumentParser
internal import History
internal import Storage

/// A time as users write it, in UTC: a day, a moment, or how long ago.
struct TimeArgument: ExpressibleByArgument, Sendable {
  private enum Form {
    case day(Timestamp)
    case moment(Timestamp)
    case ago(seconds: Int)
    case dayAgo(Int)
  }

  private let form: Form

  init?(argument: String) {
    let words = argument.lowercased().split { $0 == " " || $0 == "." }.map(String.init)
    if let form = Self.relative(words) ?? Self.calendar(argument) {
      self.form = form
    } else {
      return nil
    }
  }

  /// The first and the last second that are meant.
  func moment(now: Timestamp) -> (first: Timestamp, last: Timestamp) {
    func day(_ start: Timestamp) -> (Timestamp, Timestamp) {
      (start, Timestamp(seconds: start.seconds + Self.day - 1))
    }
    switch form {
    case .day(let start): return day(start)
    case .moment(let time): return (time, time)
    case .ago(let seconds):
      let time = Timestamp(seconds: now.seconds - seconds)
      return (time, time)
    case .dayAgo(let count):
      let civil = CivilTime(now)
      return day(Timestamp(seconds: now.seconds - civil.secondOfDay - count * Self.day))
    }
  }

  private static let day = 86_400

  /// `now`, `today`, `yesterday`, `3 days ago`, `2.weeks.ago`; nil for anything else.
  private static func relative(_ words: [String]) -> Form? {
    switch words {
    case ["now"]: return .ago(seconds: 0)
    case ["today"]: return .dayAgo(0)
    case ["yesterday"]: return .dayAgo(1)
    default: break
    }
    let units = [
      "second": 1, "minute": 60, "hour": 3600, "day": day, "week": 7 * day, "month": 30 * day,
      "year": 365 * day,
    ]
    guard words.count == 3, words[2] == "ago", let count = Int(words[0]),
      (0...100_000).contains(count)
    else { return nil }
    let unit = words[1].hasSuffix("s") ? String(words[1].dropLast()) : words[1]
    return units[unit].map { .ago(seconds: count * $0) }
  }

  /// `2026-11-21`, with `T` or a space and `09:30` or `09:30:15` behind it, and a `Z` or none.
  private static func calendar(_ text: String) -> Form? {
    let halves = text.split(maxSplits: 1, omittingEmptySubsequences: false) {
      $0 == "T" || $0 == " "
    }
    guard let date = numbers(halves[0], separator: "-", widths: [4, 2, 2]) else { return nil }
    guard halves.count == 2 else {
      return CivilTime.timestamp(year: date[0], month: date[1], day: date[2]).map { .day($0) }
    }
    let clock = halves[1].hasSuffix("Z") ? halves[1].dropLast() : halves[1]
    guard
      let time = numbers(clock, separator: ":", widths: [2, 2, 2])
        ?? numbers(clock, separator: ":", widths: [2, 2]),
      time[0] < 24, time[1] < 60, time.count < 3 || time[2] < 60
    else { return nil }
    let second = time[0] * 3600 + time[1] * 60 + (time.count < 3 ? 0 : time[2])
    return CivilTime.timestamp(
      year: date[0], month: date[1], day: date[2], secondOfDay: second
    ).map { .moment($0) }
  }

  private static func numbers(
    _ text: Substring, separator: Character, widths: [Int]
  ) -> [Int]? {
    let parts = text.split(separator: separator, omittingEmptySubsequences: false)
    guard parts.map(\.utf8.count) == widths,
      parts.allSatisfy({ $0.utf8.allSatisfy { 0x30...0x39 ~= $0 } })
    else { return nil }
    return parts.compactMap { Int($0) }
  }
}
