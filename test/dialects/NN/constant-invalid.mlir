// RUN: optc-opt %s --verify-diagnostics

func.func @type() {
  // nn.constant.R1, held by a trait
  // expected-error @+1 {{'nn.constant' op failed to verify that all of {value, result} have same type}}
  %c = "nn.constant"() {value = dense<[1, 2]> : tensor<2xi64>} : () -> tensor<3xi64>
  return
}
