// RUN: optc-opt %s --place-join-fills --canonicalize | FileCheck %s

// Above and below two rows each; then left and right of the rows between them one place each.
// CHECK-LABEL: func.func @image(
// CHECK-SAME: %[[M:.*]]: memref<10x8x4xf32>, %[[V:.*]]: f32
// CHECK: %[[ROWS:.*]] = memref.reinterpret_cast %[[M]] to offset: [0], sizes: [2, 2, 8, 4], strides: [256, 32, 4, 1]
// CHECK-NEXT: linalg.fill ins(%[[V]] : f32) outs(%[[ROWS]]
// CHECK: %[[SIDES:.*]] = memref.reinterpret_cast %[[M]] to offset: [64], sizes: [6, 2, 1, 4], strides: [32, 28, 4, 1]
// CHECK-NEXT: linalg.fill ins(%[[V]] : f32) outs(%[[SIDES]]
// CHECK-NOT: linalg.fill
func.func @image(%m: memref<10x8x4xf32>, %v: f32) {
  %top = memref.subview %m[0, 0, 0] [2, 8, 4] [1, 1, 1] : memref<10x8x4xf32> to memref<2x8x4xf32, strided<[32, 4, 1]>>
  linalg.fill ins(%v : f32) outs(%top : memref<2x8x4xf32, strided<[32, 4, 1]>>)
  %bottom = memref.subview %m[8, 0, 0] [2, 8, 4] [1, 1, 1] : memref<10x8x4xf32> to memref<2x8x4xf32, strided<[32, 4, 1], offset: 256>>
  linalg.fill ins(%v : f32) outs(%bottom : memref<2x8x4xf32, strided<[32, 4, 1], offset: 256>>)
  %left = memref.subview %m[2, 0, 0] [6, 1, 4] [1, 1, 1] : memref<10x8x4xf32> to memref<6x1x4xf32, strided<[32, 4, 1], offset: 64>>
  linalg.fill ins(%v : f32) outs(%left : memref<6x1x4xf32, strided<[32, 4, 1], offset: 64>>)
  %right = memref.subview %m[2, 7, 0] [6, 1, 4] [1, 1, 1] : memref<10x8x4xf32> to memref<6x1x4xf32, strided<[32, 4, 1], offset: 92>>
  linalg.fill ins(%v : f32) outs(%right : memref<6x1x4xf32, strided<[32, 4, 1], offset: 92>>)
  return
}

// Of different sizes; of different values; of two buffers; with a reader between them; of unknown size.
// CHECK-LABEL: func.func @left_alone(
// CHECK-NOT: memref.reinterpret_cast
// CHECK-COUNT-10: linalg.fill
// CHECK-NOT: memref.reinterpret_cast
func.func @left_alone(%m: memref<10xf32>, %n: memref<10xf32>, %v: f32, %w: f32, %d: memref<?xf32>, %to: memref<2xf32>) {
  %a = memref.subview %m[0] [2] [1] : memref<10xf32> to memref<2xf32, strided<[1]>>
  linalg.fill ins(%v : f32) outs(%a : memref<2xf32, strided<[1]>>)
  %b = memref.subview %m[9] [1] [1] : memref<10xf32> to memref<1xf32, strided<[1], offset: 9>>
  linalg.fill ins(%v : f32) outs(%b : memref<1xf32, strided<[1], offset: 9>>)
  %c = memref.subview %m[8] [1] [1] : memref<10xf32> to memref<1xf32, strided<[1], offset: 8>>
  linalg.fill ins(%w : f32) outs(%c : memref<1xf32, strided<[1], offset: 8>>)
  %e = memref.subview %n[9] [1] [1] : memref<10xf32> to memref<1xf32, strided<[1], offset: 9>>
  linalg.fill ins(%w : f32) outs(%e : memref<1xf32, strided<[1], offset: 9>>)
  linalg.fill ins(%v : f32) outs(%a : memref<2xf32, strided<[1]>>)
  memref.copy %a, %to : memref<2xf32, strided<[1]>> to memref<2xf32>
  %f = memref.subview %m[6] [2] [1] : memref<10xf32> to memref<2xf32, strided<[1], offset: 6>>
  linalg.fill ins(%v : f32) outs(%f : memref<2xf32, strided<[1], offset: 6>>)
  %g = memref.subview %d[0] [2] [1] : memref<?xf32> to memref<2xf32, strided<[1]>>
  linalg.fill ins(%v : f32) outs(%g : memref<2xf32, strided<[1]>>)
  %h = memref.subview %d[3] [2] [1] : memref<?xf32> to memref<2xf32, strided<[1], offset: 3>>
  linalg.fill ins(%v : f32) outs(%h : memref<2xf32, strided<[1], offset: 3>>)
  linalg.fill ins(%v : f32) outs(%m : memref<10xf32>)
  linalg.fill ins(%v : f32) outs(%n : memref<10xf32>)
  return
}
