// RUN: optc-opt --verify-diagnostics %s

func.func @table(%x: i32) -> i32 {
  // expected-error @below {{[kernel.look_up.R1] has a table of 2 entries, needed are 256}}
  %0 = kernel.look_up %x {table = array<i8: 1, 2>} : i32
  return %0 : i32
}
