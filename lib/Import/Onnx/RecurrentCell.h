//===- RecurrentCell.h - one time step of a recurrent layer --------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The equations of RNN, GRU and LSTM; the loop over time is in Ops/Recurrent.cpp.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_IMPORT_ONNX_RECURRENTCELL_H
#define OPTC_IMPORT_ONNX_RECURRENTCELL_H

#include "lib/Import/Onnx/Importer.h"

namespace optc::onnximport {

struct Activation {
  std::string name;
  double alpha = 0, beta = 0;
};

/// One direction of a layer. `input` and `recurrent` have all gates side by side.
struct RecurrentCell {
  enum class Kind { Rnn, Gru, Lstm };
  Kind kind;
  int64_t hidden;
  llvm::SmallVector<Activation> activations;
  double clip = 0; // 0: none
  bool inputForget = false, linearBeforeReset = false;

  mlir::Value weights;         // [input size, gates * hidden]
  mlir::Value recurrent;       // [hidden, gates * hidden]
  mlir::Value bias;            // [gates * hidden], added to the product of the input; or null
  mlir::Value recurrentBias;   // GRU only: [hidden] of the last gate; or null
  mlir::Value peepholes;       // LSTM only: [3 * hidden]; or null

  int64_t gates() const { return kind == Kind::Lstm ? 4 : kind == Kind::Gru ? 3 : 1; }

  /// The part of the gates that depends on the input only, for all steps: [.., gates * hidden].
  mlir::Value project(nn::NNBuilder &b, mlir::Value input) const;
  /// Next state from the projected input of a step, [batch, gates * hidden], and the state.
  /// `cell` is null but for LSTM.
  std::pair<mlir::Value, mlir::Value> step(nn::NNBuilder &b, mlir::Value projected,
                                           mlir::Value state, mlir::Value cell) const;

private:
  mlir::Value activate(nn::NNBuilder &b, size_t index, mlir::Value x) const;
  mlir::Value gate(nn::NNBuilder &b, mlir::Value gates, int64_t index) const;
  std::pair<mlir::Value, mlir::Value> stepLstm(nn::NNBuilder &b, mlir::Value gates,
                                               mlir::Value cell) const;
  mlir::Value stepGru(nn::NNBuilder &b, mlir::Value projected, mlir::Value state) const;
};

/// Whether optc knows an activation; fills in its default parameters.
bool completeActivation(Activation &activation, bool hasAlpha, bool hasBeta);

} // namespace optc::onnximport

#endif // OPTC_IMPORT_ONNX_RECURRENTCELL_H
