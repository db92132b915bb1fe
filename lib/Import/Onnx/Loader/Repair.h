//===- Repair.h - models that break the letter of the format ------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// ONNX's checker refuses models that exporters write, that ONNX Runtime runs, and that can
// mean one thing only. They are put right here, with a note.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_IMPORT_ONNX_LOADER_REPAIR_H
#define OPTC_IMPORT_ONNX_LOADER_REPAIR_H

#include "lib/Import/Onnx/Loader.h"

#include "onnx/onnx_pb.h"

namespace optc::onnximport {

/// Before ONNX's checker. Domains must have been normalized. Gives graphs without a name one, puts
/// nodes in an order they can run in, drops second imports of an operator set in the same version,
/// imports that no node needs, and metadata said twice.
void repair(onnx::ModelProto &model, std::vector<Diagnostic> &diagnostics);

/// GroupNormalization of the opsets 18 to 20, which scales each group and which the checker
/// refuses since it was replaced, as an InstanceNormalization of the groups.
void replaceDeprecated(onnx::ModelProto &model);

} // namespace optc::onnximport

#endif // OPTC_IMPORT_ONNX_LOADER_REPAIR_H
