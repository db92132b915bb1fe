// RUN: optc-opt %s --split-input-file --verify-diagnostics

func.func @scalar(%l: index, %e: tensor<f32>) {
  // expected-error @+1 {{[run.take.R1] the init has no dimension for the rows}}
  %r = run.take %l into %e : tensor<f32> -> tensor<f32>
  return
}
