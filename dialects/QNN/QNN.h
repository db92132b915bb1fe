//===- QNN.h - the qnn dialect ------------------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The dialect and its ops.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DIALECTS_QNN_QNN_H
#define OPTC_DIALECTS_QNN_QNN_H

#include "dialects/NN/NN.h"

#include "dialects/QNN/QNNDialect.h.inc"

#define GET_OP_CLASSES
#include "dialects/QNN/QNNOps.h.inc"

#endif // OPTC_DIALECTS_QNN_QNN_H
