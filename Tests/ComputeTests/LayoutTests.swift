import Tensors
import Testing

@Suite struct LayoutTests {
  @Test func `the twin agrees with Swift's own Float and Double`() {
    let (single, double) = (Layout(.f32), Layout(.f64))
    for pattern in Patterns.specials(of: .f32) {
      let value = Float(bitPattern: UInt32(pattern))
      guard !value.isNaN else { continue }
      #expect(single.number(pattern) == Double(value))
      #expect(single.nearest(Double(value)) == pattern)
    }
    for pattern in Patterns.specials(of: .f64) {
      let value = Double(bitPattern: pattern)
      guard !value.isNaN else { continue }
      #expect(double.number(pattern) == value)
      #expect(double.nearest(value) == pattern)
      #expect(single.nearest(value) == UInt64(Float(value).bitPattern))
    }
  }
}
