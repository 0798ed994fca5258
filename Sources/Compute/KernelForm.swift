internal import CKernels

/// The form in which the kernels run. All forms give the same bytes and differ in speed alone.
public enum KernelForm: String, Hashable, Sendable, CaseIterable {
  /// Plain C, for any machine.
  case scalar
  /// x86-64-v3: AVX2, FMA and F16C.
  case avx2
  /// x86-64-v4: AVX-512 F, BW, DQ and VL besides.
  case avx512

  /// The fastest form this machine runs.
  public static var best: KernelForm {
    allCases.last { $0.isSupported } ?? .scalar
  }

  /// Whether this machine runs it.
  public var isSupported: Bool { adapterctl_form_is_supported(kernel) != 0 }

  var kernel: adapterctl_form {
    switch self {
    case .scalar: return ADAPTERCTL_FORM_SCALAR
    case .avx2: return ADAPTERCTL_FORM_AVX2
    case .avx512: return ADAPTERCTL_FORM_AVX512
    }
  }
}
