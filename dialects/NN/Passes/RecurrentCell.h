//===- RecurrentCell.h - one time step of a recurrent layer -----------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The equations of nn.recurrent; the loop over time is in ExpandRecurrent.cpp.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DIALECTS_NN_PASSES_RECURRENTCELL_H
#define OPTC_DIALECTS_NN_PASSES_RECURRENTCELL_H

#include "dialects/NN/Builder.h"

namespace optc::nn {

class RecurrentCell {
public:
  RecurrentCell(NNBuilder &b, RecurrentOp op);

  /// The part of the gates that depends on the input only, for all steps: [.., G * H].
  mlir::Value project(mlir::Value input);
  /// Next state and cell from the projected input of a step, [B, G * H], and the state; the
  /// cells are null but for LSTM.
  std::pair<mlir::Value, mlir::Value> step(mlir::Value projected, mlir::Value state,
                                           mlir::Value cell);

private:
  using Value = mlir::Value;

  Value add(Value x, Value y) { return b.binary(BinaryKind::Add, x, y); }
  Value mul(Value x, Value y) { return b.binary(BinaryKind::Mul, x, y); }
  Value matmul(Value x, Value y) { return b.make<MatmulOp>(b.elementOf(x), x, y); }
  /// 1 - x.
  Value rest(Value x) { return b.binary(BinaryKind::Sub, b.scalarLike(x, 1), x); }
  /// Activation `index` of the argument of a gate, which `clip` bounds.
  Value activate(size_t index, Value x);
  Value apply(size_t index, Value x);
  Value gate(Value gates, int64_t index);
  std::pair<Value, Value> stepLstm(Value gates, Value cell);
  Value stepGru(Value projected, Value state);

  NNBuilder &b;
  RecurrentOp op;
  int64_t hidden;
};

} // namespace optc::nn

#endif // OPTC_DIALECTS_NN_PASSES_RECURRENTCELL_H
