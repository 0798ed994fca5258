/// The types of a GGUF tensor's elements, by the numbers that ggml gives them.
///
/// Most are quantised: a block of elements shares scales, and has a size only as a whole.
public enum GGUFElementType: UInt32, Hashable, Sendable, CaseIterable {
  case f32 = 0
  case f16 = 1
  case q4_0 = 2
  case q4_1 = 3
  case q5_0 = 6
  case q5_1 = 7
  case q8_0 = 8
  case q8_1 = 9
  case q2K = 10
  case q3K = 11
  case q4K = 12
  case q5K = 13
  case q6K = 14
  case q8K = 15
  case iq2XXS = 16
  case iq2XS = 17
  case iq3XXS = 18
  case iq1S = 19
  case iq4NL = 20
  case iq3S = 21
  case iq2S = 22
  case iq4XS = 23
  case i8 = 24
  case i16 = 25
  case i32 = 26
  case i64 = 27
  case f64 = 28
  case iq1M = 29
  case bf16 = 30
  case tq1_0 = 34
  case tq2_0 = 35
  case mxfp4 = 39
  case nvfp4 = 40
  case q1_0 = 41

  /// The same type where each element stands for itself; nil where the elements are quantised.
  public var dtype: DType? {
    switch self {
    case .f32: return .f32
    case .f16: return .f16
    case .bf16: return .bf16
    case .f64: return .f64
    case .i8: return .i8
    case .i16: return .i16
    case .i32: return .i32
    case .i64: return .i64
    default: return nil
    }
  }

  /// How many elements a block has, all of them neighbours in the innermost dimension, and how many
  /// bytes it fills: the scales and what else the elements share, then the elements.
  public var block: (elementCount: Int, byteCount: Int) {
    if let dtype { return (1, dtype.bitWidth / 8) }
    switch self {
    case .q4_0, .iq4NL: return (32, 2 + 16)
    case .q4_1: return (32, 4 + 16)
    case .q5_0: return (32, 2 + 4 + 16)
    case .q5_1: return (32, 4 + 4 + 16)
    case .q8_0: return (32, 2 + 32)
    case .q8_1: return (32, 4 + 32)
    case .q2K: return (256, 4 + 16 + 64)
    case .q3K: return (256, 2 + 12 + 32 + 64)
    case .q4K: return (256, 4 + 12 + 128)
    case .q5K: return (256, 4 + 12 + 32 + 128)
    case .q6K: return (256, 2 + 16 + 64 + 128)
    case .q8K: return (256, 4 + 32 + 256)
    case .iq1S: return (256, 2 + 16 + 32)
    case .iq1M: return (256, 8 + 16 + 32)
    case .iq2XXS: return (256, 2 + 64)
    case .iq2XS: return (256, 2 + 8 + 64)
    case .iq2S: return (256, 2 + 8 + 8 + 64)
    case .iq3XXS: return (256, 2 + 32 + 64)
    case .iq3S: return (256, 2 + 4 + 8 + 32 + 64)
    case .iq4XS: return (256, 2 + 2 + 4 + 128)
    case .tq1_0: return (256, 2 + 4 + 48)
    case .tq2_0: return (256, 2 + 64)
    case .mxfp4: return (32, 1 + 16)
    case .nvfp4: return (64, 4 + 32)
    case .q1_0: return (128, 2 + 16)
    case .f32, .f16, .bf16, .f64, .i8, .i16, .i32, .i64:
      preconditionFailure("an element that stands for itself is a block of one")
    }
  }

  /// The bytes of a tensor; nil where its rows do not end with a block or the product does not fit.
  public func byteCount(of shape: Shape) -> Int? {
    let block = block
    guard (shape.extents.last ?? 1) % block.elementCount == 0 else { return nil }
    let blockCount = shape.elementCount / block.elementCount
    let (byteCount, overflow) = blockCount.multipliedReportingOverflow(by: block.byteCount)
    return overflow ? nil : byteCount
  }
}
