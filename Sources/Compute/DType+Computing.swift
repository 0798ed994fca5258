internal import CKernels
public import Tensors

extension DType {
  /// Whether tensors of this type can be computed with: BF16, F16, F32 and F64.
  public var isComputed: Bool { element != nil }

  /// The kernels' name for this type; nil for types that are only carried.
  var element: adapterctl_element? {
    switch self {
    case .bf16: return ADAPTERCTL_BF16
    case .f16: return ADAPTERCTL_F16
    case .f32: return ADAPTERCTL_F32
    case .f64: return ADAPTERCTL_F64
    default: return nil
    }
  }

  /// The kernels' name for a type that is known to be computed with.
  var computedElement: adapterctl_element {
    guard let element else { preconditionFailure("\(rawValue) is not computed with") }
    return element
  }

  /// The size of an element in bytes, for types of whole bytes.
  public var elementByteCount: Int { bitWidth / 8 }
}
