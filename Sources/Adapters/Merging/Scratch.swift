internal import Compute

/// One worker's buffers, made once and used for every job.
struct Scratch {
  /// What was read: elements or bytes of the base, or of the merged model.
  var source: [UInt8] = []
  /// What will be written.
  var target: [UInt8] = []
  /// The base as it would come back.
  var predicted: [UInt8] = []
  /// Stored values that take the base's place.
  var substitute: [UInt8] = []
  /// A rectangle of deltas.
  var delta: [Float] = []
  /// Buffers that are not written yet.
  var held = WriteQueue.Held()
  /// What the prediction misses.
  var corrections = CorrectionScratch()

  /// Makes a buffer at least `count` bytes long, keeping it where it is long enough.
  static func resize(_ buffer: inout [UInt8], to count: Int) {
    if buffer.count < count {
      buffer.append(contentsOf: repeatElement(0, count: count - buffer.count))
    }
  }
}
