internal import Compute
internal import Tensors

/// How fast are conversions between element types?
struct ConversionQuestion: Question {
  let name = "conversion"
  let text = "16 Mi elements from type to type; limit: memcpy of as many bytes"

  func answer() {
    let count = 1 << 24
    let pairs: [(DType, DType)] = [
      (.bf16, .f32), (.f32, .bf16), (.f16, .f32), (.f32, .f16), (.bf16, .f16), (.f64, .bf16),
    ]
    for (from, to) in pairs {
      let byteCount = count * (from.elementByteCount + to.elementByteCount)
      let limit = Limits.copying(byteCount / 2)
      let source = Samples.bytes(count, of: from, seed: 5)
      for form in Samples.forms {
        var target = [UInt8](repeating: 0, count: count * to.elementByteCount)
        let seconds = Measurement.seconds {
          var room = target.mutableSpan
          Conversion.convert(
            source.span,
            from: from,
            into: &room,
            to: to,
            count: count,
            form: form
          )
        }
        Measurement.report(
          "\(from) to \(to) \(form)",
          Double(byteCount) / seconds / 1e9,
          of: limit,
          "GB/s"
        )
      }
    }
  }
}
