//===- ScanOutput.h - rows that a loop collects ---------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A scan output of Loop or Scan has one row per iteration. In time that grows with their number
// only:
//   - where the number of rows and the size of a row are known before the loop, a tensor of
//     that size is carried through the loop, and every iteration writes its row into it;
//   - else rows go to a list of the runtime (run.list), which becomes a tensor afterwards.
//     Sizes of a row that only an iteration knows are carried out of the loop.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_IMPORT_ONNX_SCANOUTPUT_H
#define OPTC_IMPORT_ONNX_SCANOUTPUT_H

#include "dialects/NN/Builder.h"

namespace optc::onnximport {

class ScanOutput {
public:
  /// What rows are like, from the row of a loop that is thrown away.
  ScanOutput(nn::NNBuilder &b, mlir::Value row, mlir::Operation *loop);

  /// In front of the loop: what it has to carry. `rows` is their number, null if it is not known;
  /// then there are not more than `limit`.
  llvm::SmallVector<mlir::Value> start(nn::DimExpr rows, nn::DimExpr limit);
  /// In the body: stores the row of an iteration (an i64), and what the loop carries on.
  llvm::SmallVector<mlir::Value> add(mlir::Value row, mlir::Value iteration,
                                     mlir::ValueRange carried);
  /// Behind the loop: all rows. `count` is their number as i64.
  mlir::Value finish(mlir::Value count, mlir::ValueRange carried);

private:
  mlir::Value sizeValue(nn::DimExpr size);
  mlir::RankedTensorType allType() const;

  nn::NNBuilder &b;
  mlir::RankedTensorType rowType;
  nn::Shape rowSizes;   // null where only an iteration knows
  nn::DimExpr rowCount; // null if a list collects them
  mlir::Value list;
};

} // namespace optc::onnximport

#endif // OPTC_IMPORT_ONNX_SCANOUTPUT_H
