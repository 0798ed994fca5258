internal import Compute
internal import Tensors

/// Feeds the corrections of one tensor to the codec in the order of its jobs, which end in any.
///
/// Not for use from two threads at once: its tensor's lock guards it.
struct SectionEncoder {
  private let width: ElementWidth
  private let elementCount: Int
  private var encoder: ResidualEncoder
  private var position = 0
  private var waiting: [Int: Corrections] = [:]

  init(width: ElementWidth, elementCount: Int) {
    self.width = width
    self.elementCount = elementCount
    encoder = ResidualEncoder(
      width: width, elementCount: min(elementCount, ResidualFile.sectionElementCount))
  }

  /// Takes the corrections of the job that starts at element `start` and returns the sections that
  /// are complete now, in order.
  mutating func take(_ corrections: Corrections, at start: Int) -> [[UInt8]] {
    waiting[start] = corrections
    var finished: [[UInt8]] = []
    while let next = waiting.removeValue(forKey: position) {
      encoder.append(next)
      position += next.elementCount
      let isWhole = position % ResidualFile.sectionElementCount == 0 || position == elementCount
      if isWhole {
        finished.append(encoder.finish())
        guard position < elementCount else { break }
        encoder = ResidualEncoder(
          width: width,
          elementCount: min(elementCount - position, ResidualFile.sectionElementCount))
      }
    }
    return finished
  }
}
