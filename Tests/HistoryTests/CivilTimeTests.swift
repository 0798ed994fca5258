import Storage
import TestSupport
import Testing

@testable import History

@Suite struct CivilTimeTests {
  @Test(arguments: [
    (0, "1970-01-01T00:00:00Z"), (-1, "1969-12-31T23:59:59Z"),
    (951_782_400, "2000-02-29T00:00:00Z"), (951_868_800, "2000-03-01T00:00:00Z"),
    (4_107_542_399, "2100-02-28T23:59:59Z"), (4_107_542_400, "2100-03-01T00:00:00Z"),
    (1_700_000_000, "2023-11-14T22:13:20Z"), (253_402_300_799, "9999-12-31T23:59:59Z"),
    (-62_135_596_800, "0001-01-01T00:00:00Z"), (1_709_164_800, "2024-02-29T00:00:00Z"),
  ])
  func `a moment is what the calendar says`(seconds: Int, text: String) {
    #expect(CivilTime(Timestamp(seconds: seconds)).description == text)
  }

  @Test func `days follow one another through 800 years`() {
    var (year, month, day) = (1600, 1, 1)
    for number in -135_140..<157_060 {
      let time = CivilTime(Timestamp(seconds: number * 86_400 + 86_399))
      guard (time.year, time.month, time.day) == (year, month, day) else {
        Issue.record("day \(number) is \(time), not \(year)-\(month)-\(day)")
        return
      }
      let isLeap = year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400))
      let length = month == 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
      (month, day) = day == length ? (month + 1, 1) : (month, day + 1)
      if month == 13 { (year, month) = (year + 1, 1) }
    }
    #expect((year, month, day) == (2400, 1, 7))
  }

  @Test func `every day has its way back, and days that are none have not`() {
    for day in stride(from: -719_468, to: 2_932_896, by: 61) {
      let time = Timestamp(seconds: day * 86_400 + 12_345)
      let civil = CivilTime(time)
      #expect(
        CivilTime.timestamp(
          year: civil.year, month: civil.month, day: civil.day, secondOfDay: civil.secondOfDay)
          == time)
    }
    #expect(CivilTime.timestamp(year: 2027, month: 2, day: 29) == nil)
    #expect(CivilTime.timestamp(year: 2028, month: 2, day: 29) != nil)
    #expect(CivilTime.timestamp(year: 2027, month: 4, day: 31) == nil)
    #expect(CivilTime.timestamp(year: 2027, month: 0, day: 1) == nil)
    #expect(CivilTime.timestamp(year: 1970, month: 1, day: 1) == Timestamp(seconds: 0))
  }
}
