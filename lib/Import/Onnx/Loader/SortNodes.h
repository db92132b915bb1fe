//===- SortNodes.h - nodes in an order they can run in ------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The format asks for nodes in such an order; some tools write others, and what they mean
// does not depend on it.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_IMPORT_ONNX_LOADER_SORTNODES_H
#define OPTC_IMPORT_ONNX_LOADER_SORTNODES_H

#include "onnx/onnx_pb.h"

namespace optc::onnximport {

/// Puts the nodes of the graph and of all graphs below it behind those whose results they or
/// their subgraphs use, and leaves their order otherwise. Values of different graphs must have
/// different names. Throws LoadFailure if nodes wait for each other. True if anything moved.
bool sortNodes(onnx::GraphProto &root);

} // namespace optc::onnximport

#endif // OPTC_IMPORT_ONNX_LOADER_SORTNODES_H
