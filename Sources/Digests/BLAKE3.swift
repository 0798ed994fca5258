internal import CKernels

/// The hash function that names content: BLAKE3 in its plain mode, 32 bytes.
///
/// Specification: O'Connor, Aumasson, Neves, Wilcox-O'Hearn, "BLAKE3: one function, fast
/// everywhere", 2021. The digest does not depend on the form that computes it.
public enum BLAKE3 {
  /// The digest of `bytes`, of any number, in the fastest form this machine has.
  public static func digest(of bytes: Span<UInt8>) -> Digest {
    digest(of: bytes, in: .best)
  }

  /// The digest of `bytes`, of any number.
  public static func digest(of bytes: [UInt8]) -> Digest {
    digest(of: bytes.span)
  }

  /// The digest in one form, which this machine must support.
  static func digest(of bytes: Span<UInt8>, in form: Form) -> Digest {
    precondition(form.isSupported, "this machine cannot run the form \(form)")
    var digest = [UInt8](repeating: 0, count: Digest.byteCount)
    unsafe bytes.withUnsafeBufferPointer { bytes in
      unsafe adapterctl_blake3_in_form(
        form.kernelForm,
        bytes.baseAddress,
        bytes.count,
        &digest
      )
    }
    return Digest(checked: digest)
  }

  /// The ways to compute a digest; they differ in speed alone.
  enum Form: CaseIterable {
    case scalar, avx2, avx512

    /// The fastest form that this machine supports.
    static var best: Form {
      switch adapterctl_best_form() {
      case ADAPTERCTL_FORM_AVX512: .avx512
      case ADAPTERCTL_FORM_AVX2: .avx2
      default: .scalar
      }
    }

    /// Whether this machine can run the form.
    var isSupported: Bool { adapterctl_form_is_supported(kernelForm) != 0 }

    fileprivate var kernelForm: adapterctl_form {
      switch self {
      case .scalar: ADAPTERCTL_FORM_SCALAR
      case .avx2: ADAPTERCTL_FORM_AVX2
      case .avx512: ADAPTERCTL_FORM_AVX512
      }
    }
  }
}
