internal import Files
internal import JSON

extension ForeignLayout {
  /// MLX-LM's older container, a zip of NumPy arrays.
  static let mlxArrays = ForeignLayout(
    "mlx",
    "an MLX adapter of NumPy arrays (.npz)",
    advice: "Save it again with a newer mlx-lm, which writes adapters.safetensors."
  ) { $0.weights.hasExtension("npz") }
}
