/// The Python objects a pickle may name: data and the constructors of data, nothing that acts.
///
/// The list is FORMATS §1.2. None of them is looked up or called; the machine knows what each would
/// build.
enum PickleGlobal: Hashable, Sendable {
  case orderedDict
  case rebuildTensorV2
  case rebuildTensorV3
  case rebuildParameter
  case parameter
  case size
  /// A storage class; nil for the one that counts bytes.
  case storage(DType?)
  /// A dtype; nil for one that `TensorFile` has no name for.
  case dtype(DType?)

  /// The object of this module and name; nil where it is not one of the allowed.
  init?(module: String, name: String) {
    switch (module, name) {
    case ("collections", "OrderedDict"): self = .orderedDict
    case ("torch._utils", "_rebuild_tensor_v2"): self = .rebuildTensorV2
    case ("torch._utils", "_rebuild_tensor_v3"): self = .rebuildTensorV3
    case ("torch._utils", "_rebuild_parameter"): self = .rebuildParameter
    case ("torch.nn.parameter", "Parameter"): self = .parameter
    case ("torch", "Size"): self = .size
    case ("torch.storage", "UntypedStorage"): self = .storage(nil)
    case ("torch", _):
      if let dtype = Self.storageClasses[name] {
        self = .storage(dtype)
      } else if let dtype = Self.dtypes[name] {
        self = .dtype(dtype)
      } else {
        return nil
      }
    default: return nil
    }
  }

  private static let storageClasses: [String: DType] = [
    "FloatStorage": .f32, "HalfStorage": .f16, "BFloat16Storage": .bf16, "DoubleStorage": .f64,
    "LongStorage": .i64, "IntStorage": .i32, "ShortStorage": .i16, "CharStorage": .i8,
    "ByteStorage": .u8, "BoolStorage": .bool,
  ]

  private static let dtypes: [String: DType?] = [
    "float32": .f32, "float16": .f16, "bfloat16": .bf16, "float64": .f64,
    "int64": .i64, "int32": .i32, "int16": .i16, "int8": .i8, "uint8": .u8, "bool": .bool,
    "uint16": .u16, "uint32": .u32, "uint64": .u64, "complex64": .c64, "complex128": nil,
    "float8_e4m3fn": .f8E4M3, "float8_e5m2": .f8E5M2, "float8_e8m0fnu": .f8E8M0,
    "float8_e4m3fnuz": .f8E4M3FNUZ, "float8_e5m2fnuz": .f8E5M2FNUZ,
  ]
}
