public import Storage

/// A moment in the calendar, in UTC.
public struct CivilTime: Hashable, Sendable, CustomStringConvertible {
  /// The year of the Gregorian calendar, which is also used before it was introduced.
  public let year: Int
  /// 1 to 12.
  public let month: Int
  /// 1 to 31.
  public let day: Int
  /// Seconds since midnight.
  public let secondOfDay: Int

  /// The moment of a timestamp.
  public init(_ time: Timestamp) {
    // Days are counted from 0000-03-01, so that a leap day is the last day of its year, and years in
    // eras of 400, which all have 146,097 days.
    let days = Self.quotient(time.seconds, 86_400)
    secondOfDay = time.seconds - days * 86_400
    let shifted = days + 719_468
    let era = Self.quotient(shifted, 146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra =
      (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    // From March on, five months have 153 days.
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  }

  /// The timestamp of a moment; nil where the calendar has no such day.
  public static func timestamp(
    year: Int, month: Int, day: Int, secondOfDay: Int = 0
  ) -> Timestamp? {
    guard (0...9999).contains(year), (1...12).contains(month), (1...31).contains(day) else {
      return nil
    }
    // The way back of the initialiser: years begin in March.
    let shiftedYear = month <= 2 ? year - 1 : year
    let era = quotient(shiftedYear, 400)
    let yearOfEra = shiftedYear - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    let time = Timestamp(
      seconds: (era * 146_097 + dayOfEra - 719_468) * 86_400 + secondOfDay)
    // A 31st of April would be the 1st of May.
    let back = CivilTime(time)
    return back.day == day && back.month == month ? time : nil
  }

  /// `2026-11-21`
  public var date: String {
    let digits = year < 0 ? "-" + Self.padded(-year, 4) : Self.padded(year, 4)
    return "\(digits)-\(Self.padded(month, 2))-\(Self.padded(day, 2))"
  }

  /// `09:48:13`
  public var timeOfDay: String {
    [secondOfDay / 3600, secondOfDay / 60 % 60, secondOfDay % 60]
      .map { Self.padded($0, 2) }.joined(separator: ":")
  }

  /// `2026-11-21T09:48:13Z`, as ISO 8601 has it.
  public var description: String { "\(date)T\(timeOfDay)Z" }

  /// The quotient that leaves no negative remainder.
  private static func quotient(_ number: Int, _ divisor: Int) -> Int {
    let quotient = number / divisor
    return number % divisor < 0 ? quotient - 1 : quotient
  }

  private static func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}
