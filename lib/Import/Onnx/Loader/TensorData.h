//===- TensorData.h - checked bytes of ONNX tensors ---------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// From a TensorProto to the dense little-endian bytes the importer gets, whichever of
// the nine data fields it uses, and the checks ONNX leaves out: exact sizes.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_IMPORT_ONNX_LOADER_TENSORDATA_H
#define OPTC_IMPORT_ONNX_LOADER_TENSORDATA_H

#include "lib/Import/Onnx/Loader/BlobStore.h"
#include "lib/Import/Onnx/Model.h"

namespace optc::onnximport {

/// The largest rank of a tensor. ONNX knows no limit; no real model comes near this one.
constexpr int64_t maxRank = 64;

/// Elements of a shape from the file; throws LoadFailure if it has too many dimensions, a
/// negative size, or a product that does not fit. `where` names the tensor in messages.
int64_t checkedElements(const std::vector<int64_t> &dims, const std::string &where);

/// Bytes of a dense tensor of numbers.
size_t denseBytes(ElemType type, int64_t elements, const std::string &where);

/// Throws LoadFailure unless the tensor has a known type, a sound shape and exactly the
/// data they ask for. External data must have been resolved.
void checkTensor(const onnx::TensorProto &tensor, const BlobStore &blobs, const std::string &where);

/// The tensor for the importer: a view of a blob, or owned bytes.
Tensor readTensor(const onnx::TensorProto &tensor, const BlobStore &blobs);

/// The dense form of a sparse tensor whose parts checkTensor has passed. It is made in memory, of
/// which a small file must not take much: all of a model have `room` bytes, and a thousand times
/// their values.
onnx::TensorProto densify(const onnx::SparseTensorProto &sparse, BlobStore &blobs, size_t &room);

} // namespace optc::onnximport

#endif // OPTC_IMPORT_ONNX_LOADER_TENSORDATA_H
