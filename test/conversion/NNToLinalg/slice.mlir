// RUN: optc-opt %s --convert-nn-to-linalg --canonicalize --cse --split-input-file | FileCheck %s

// Forwards, a slice is a view.
// CHECK-LABEL: func @constant_bounds
// CHECK: tensor.extract_slice %arg0[0, 1] [%{{.*}}, 3] [1, 2]
// CHECK-NOT: linalg.generic
func.func @constant_bounds(%x: tensor<?x9xf32>) -> tensor<?x3xf32> attributes {run.entry = #run.entry} {
  %s = nn.constant dense<1> : tensor<1xi64>
  %e = nn.constant dense<7> : tensor<1xi64>
  %t = nn.constant dense<2> : tensor<1xi64>
  %0 = nn.slice %x, %s, %e, %t [1] : (tensor<?x9xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<?x3xf32>
  return %0 : tensor<?x3xf32>
}

// -----

// Backwards, elements are read at computed positions.
// CHECK-LABEL: func @backwards
// CHECK: linalg.generic {{.*}}["parallel", "parallel"]
// CHECK: %[[I:.*]] = linalg.index 0
// CHECK: %[[J:.*]] = linalg.index 1
// CHECK: %[[K:.*]] = arith.subi %c8, %[[J]]
// CHECK: tensor.extract %arg0[%[[I]], %[[K]]]
func.func @backwards(%x: tensor<?x9xf32>) -> tensor<?x9xf32> attributes {run.entry = #run.entry} {
  %s = nn.constant dense<-1> : tensor<1xi64>
  %e = nn.constant dense<-9223372036854775808> : tensor<1xi64>
  %0 = nn.slice %x, %s, %e, %s [1] : (tensor<?x9xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<?x9xf32>
  return %0 : tensor<?x9xf32>
}

// -----

// Bounds of the data are resolved and clamped as ONNX says; a negative count is none.
// CHECK-LABEL: func @bounds_of_data
// CHECK: %[[NEG:.*]] = arith.cmpi slt, %[[S:.*]], %c0
// CHECK: %[[END:.*]] = arith.addi %[[S]], %c9
// CHECK: %[[W:.*]] = arith.select %[[NEG]], %[[END]], %[[S]]
// CHECK: %[[LOW:.*]] = arith.maxsi %[[W]], %c0
// CHECK: %[[FROM:.*]] = arith.minsi %[[LOW]], %c9
// CHECK: %[[LENGTH:.*]] = arith.subi %{{.*}}, %[[FROM]]
// CHECK: %[[COUNT:.*]] = arith.maxsi %[[LENGTH]], %c0
// CHECK: tensor.extract_slice %arg0[%[[FROM]]] [%[[COUNT]]] [1]
func.func @bounds_of_data(%x: tensor<9xf32>, %s: tensor<1xi64>, %e: tensor<1xi64>) -> tensor<?xf32> attributes {run.entry = #run.entry} {
  %t = nn.constant dense<1> : tensor<1xi64>
  %0 = nn.slice %x, %s, %e, %t [0] : (tensor<9xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<?xf32>
  return %0 : tensor<?xf32>
}

// -----

// A growing pad fills the result and inserts.
// CHECK-LABEL: func @pad
// CHECK: %[[F:.*]] = linalg.fill
// CHECK: tensor.insert_slice %arg0 into %[[F]][0, 1] [%{{.*}}, 9] [1, 1]
func.func @pad(%x: tensor<?x9xf32>, %v: tensor<f32>) -> tensor<?x12xf32> attributes {run.entry = #run.entry} {
  %p = nn.constant dense<[0, 1, 0, 2]> : tensor<4xi64>
  %0 = nn.pad constant %x, %p, %v : (tensor<?x9xf32>, tensor<4xi64>, tensor<f32>) -> tensor<?x12xf32>
  return %0 : tensor<?x12xf32>
}

// -----

// One that also cuts reads a clamped position and takes the value outside.
// CHECK-LABEL: func @crop
// CHECK: %[[I:.*]] = arith.subi %{{.*}}, %c1
// CHECK: %[[INSIDE:.*]] = arith.cmpi ult, %[[I]], %c9
// CHECK: %[[LOW:.*]] = arith.maxsi %[[I]], %c0
// CHECK: %[[AT:.*]] = arith.minsi %[[LOW]], %c8
// CHECK: %[[E:.*]] = tensor.extract %arg0[%[[AT]]]
// CHECK: arith.select %[[INSIDE]], %[[E]]
func.func @crop(%x: tensor<9xf32>, %v: tensor<f32>) -> tensor<7xf32> attributes {run.entry = #run.entry} {
  %p = nn.constant dense<[1, -3]> : tensor<2xi64>
  %0 = nn.pad constant %x, %p, %v : (tensor<9xf32>, tensor<2xi64>, tensor<f32>) -> tensor<7xf32>
  return %0 : tensor<7xf32>
}

// -----

// The input is put into the interior, then each border reads from there. Reflection repeats with the
// period 2 * (size - 1).
// CHECK-LABEL: func @reflect
// CHECK: %[[INNER:.*]] = tensor.insert_slice %arg0 into %{{.*}}[1] [9] [1]
// CHECK: tensor.extract %[[INNER]][%c2]
// CHECK: %[[BEGUN:.*]] = tensor.insert_slice %{{.*}} into %[[INNER]][0] [1] [1]
// CHECK: %[[R:.*]] = arith.remsi %{{.*}}, %c16
// CHECK: %[[P:.*]] = arith.select %{{.*}}, %{{.*}}, %[[R]]
// CHECK: %[[B:.*]] = arith.subi %c16, %[[P]]
// CHECK: %[[AT:.*]] = arith.minsi %[[P]], %[[B]]
// CHECK: %[[PADDED:.*]] = arith.addi %[[AT]], %c1
// CHECK: tensor.extract %[[BEGUN]][%[[PADDED]]]
// CHECK: tensor.insert_slice %{{.*}} into %[[BEGUN]][10] [2] [1]
func.func @reflect(%x: tensor<9xf32>, %v: tensor<f32>) -> tensor<12xf32> attributes {run.entry = #run.entry} {
  %p = nn.constant dense<[1, 2]> : tensor<2xi64>
  %0 = nn.pad reflect %x, %p, %v : (tensor<9xf32>, tensor<2xi64>, tensor<f32>) -> tensor<12xf32>
  return %0 : tensor<12xf32>
}

// -----

// The border of the second dimension repeats that of the first, too. Where nothing is added, nothing is copied.
// CHECK-LABEL: func @edge
// CHECK: %[[INNER:.*]] = tensor.insert_slice %arg0 into %{{.*}}[0, 0] [%[[SIZE:.*]], 9] [1, 1]
// CHECK: %[[BELOW:.*]] = tensor.insert_slice %{{.*}} into %[[INNER]][%[[SIZE]], 0] [1, 9] [1, 1]
// CHECK: tensor.extract %[[BELOW]][
// CHECK: tensor.insert_slice %{{.*}} into %[[BELOW]][0, 9] [%{{.*}}, 2] [1, 1]
// CHECK-NOT: tensor.insert_slice
func.func @edge(%x: tensor<?x9xf32>, %v: tensor<f32>) -> tensor<?x11xf32> attributes {run.entry = #run.entry} {
  %p = nn.constant dense<[0, 0, 1, 2]> : tensor<4xi64>
  %0 = nn.pad edge %x, %p, %v : (tensor<?x9xf32>, tensor<4xi64>, tensor<f32>) -> tensor<?x11xf32>
  return %0 : tensor<?x11xf32>
}

// What a model declares to be more than there is fails when it runs: nothing is read.
// CHECK-LABEL: @declared_too_large
// CHECK: run.require
// CHECK-NOT: tensor.extract_slice %arg0
// CHECK: return
func.func @declared_too_large(%x: tensor<20x5xf32>, %end: tensor<1xi64>) -> tensor<20x5xf32> {
  %start = nn.constant dense<-1> : tensor<1xi64>
  %step = nn.constant dense<1> : tensor<1xi64>
  %y = nn.slice %x, %start, %end, %step [0] : (tensor<20x5xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<20x5xf32>
  return %y : tensor<20x5xf32>
}
