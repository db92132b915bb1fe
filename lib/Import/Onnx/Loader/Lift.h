//===- Lift.h - from the model's opset to the newest one ----------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every later part of optc knows one version of each op. ONNX's version converter does
// the lifting; what it lacks is added here, and what cannot be lifted is an error.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_IMPORT_ONNX_LOADER_LIFT_H
#define OPTC_IMPORT_ONNX_LOADER_LIFT_H

#include "onnx/onnx_pb.h"

namespace optc::onnximport {

class Names;

/// The newest opset of ai.onnx that the library knows.
int64_t newestOpset();

/// The model's opset of a domain, 0 if it does not import it.
int64_t opsetOf(const onnx::ModelProto &model, const std::string &domain);

void liftOpset(onnx::ModelProto &model, Names &names);

} // namespace optc::onnximport

#endif // OPTC_IMPORT_ONNX_LOADER_LIFT_H
