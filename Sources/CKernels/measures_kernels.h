static void FORM(add_row_squares)(const float *base, const float *delta, size_t rows,
                                  size_t columns, double *squares) {
  for (size_t r = 0; r < rows; r++, base += columns, delta += columns) {
    /* Eight lanes in a fixed order, the same in every form. */
    double lanes[8] = {0};
    size_t c = 0;
    for (; c + 8 <= columns; c += 8)
      for (size_t i = 0; i < 8; i++) {
        double v = (double)(base[c + i] + delta[c + i]);
        lanes[i] = fma(v, v, lanes[i]);
      }
    double sum = 0;
    for (size_t i = 0; i < 8; i++) sum += lanes[i];
    for (; c < columns; c++) {
      double v = (double)(base[c] + delta[c]);
      sum = fma(v, v, sum);
    }
    squares[r] += sum;
  }
}

static void FORM(add_column_squares)(const float *base, const float *delta, size_t columns,
                                     double *squares) {
  for (size_t c = 0; c < columns; c++) {
    double v = (double)(base[c] + delta[c]);
    squares[c] = fma(v, v, squares[c]);
  }
}
