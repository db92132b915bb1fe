//===- Matmul.cpp - matrix products ---------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Builders and rules of kernel.matmul.
//
//===----------------------------------------------------------------------===//
#include "dialects/Kernel/Kernel.h"

using namespace mlir;
using namespace optc;
using namespace optc::kernel;

void MatmulOp::build(OpBuilder &builder, OperationState &state, Value lhs, Value rhs, Value init,
                     ArrayRef<AffineMap> maps, Type accumulator) {
  auto type = cast<ShapedType>(init.getType());
  state.addOperands({lhs, rhs, init});
  if (isa<TensorType>(type))
    state.addTypes(type);
  Properties &properties = state.getOrAddProperties<Properties>();
  properties.maps = builder.getAffineMapArrayAttr(maps);
  properties.extra_maps = builder.getArrayAttr({});
  Type element = type.getElementType();
  buildIdentityEpilogue(builder, *state.addRegion(), accumulator ? accumulator : element, element,
                        state.location);
}

void MatmulOp::build(OpBuilder &builder, OperationState &state, Value lhs, Value rhs, Value init,
                     bool transposeRhs, Type accumulator) {
  int64_t rank = cast<ShapedType>(init.getType()).getRank();
  int64_t rhsRank = cast<ShapedType>(rhs.getType()).getRank();
  auto dim = [&](int64_t i) { return builder.getAffineDimExpr(i); };
  SmallVector<AffineExpr> lhsDims, rhsDims, resultDims;
  for (int64_t i = 0; i < rank; ++i)
    resultDims.push_back(dim(i));
  for (int64_t i = 0; i < rank - 1; ++i)
    lhsDims.push_back(dim(i));
  lhsDims.push_back(dim(rank));
  for (int64_t i = 0; i < rhsRank - 2; ++i)
    rhsDims.push_back(dim(i));
  rhsDims.push_back(dim(transposeRhs ? rank - 1 : rank));
  rhsDims.push_back(dim(transposeRhs ? rank : rank - 1));
  MLIRContext *context = builder.getContext();
  SmallVector<AffineMap> maps;
  for (ArrayRef<AffineExpr> dims : {ArrayRef(lhsDims), ArrayRef(rhsDims), ArrayRef(resultDims)})
    maps.push_back(AffineMap::get(rank + 1, 0, dims, context));
  build(builder, state, lhs, rhs, init, maps, accumulator);
}

/// Rule `kernel.matmul.R1`.
static LogicalResult verifyMaps(MatmulOp op) {
  if (op.getMaps().size() != 3)
    return op.emitOpError("[kernel.matmul.R1] needs three maps: lhs, rhs, result");
  unsigned rank = op.getInitType().getRank();
  int64_t ranks[] = {op.getLhsType().getRank(), op.getLayout() ? 2 : op.getRhsType().getRank(),
                     op.getInitType().getRank()};
  for (unsigned i = 0; i < 3; ++i) {
    AffineMap map = op.getMap(i);
    if (rank == 0 || map.getNumDims() != rank + 1 || map.getNumSymbols() != 0 ||
        map.getNumResults() != ranks[i] || !map.isProjectedPermutation())
      return op.emitOpError() << "[kernel.matmul.R1] map " << i << " (" << AffineMapAttr::get(map)
                              << ") is not a projected permutation of " << rank + 1 << " dims to "
                              << ranks[i];
  }
  AffineMap lhs = op.getLhsMap(), rhs = op.getRhsMap(), result = op.getResultMap();
  unsigned n = rank - 1, k = rank;
  if (!lhs.isFunctionOfDim(k) || lhs.isFunctionOfDim(n) || !rhs.isFunctionOfDim(k) ||
      !rhs.isFunctionOfDim(n) || result.isFunctionOfDim(k))
    return op.emitOpError(
        "[kernel.matmul.R1] lhs must have k and not n, rhs n and k, the result not k");
  for (unsigned i = 0; i < n; ++i)
    if (!lhs.isFunctionOfDim(i) && !rhs.isFunctionOfDim(i))
      return op.emitOpError() << "[kernel.matmul.R1] dim d" << i << " is in neither lhs nor rhs";
  return success();
}

/// Rules `kernel.matmul.R2` and `kernel.matmul.R3`.
static LogicalResult verifySizes(MatmulOp op) {
  unsigned rank = op.getInitType().getRank();
  SmallVector<int64_t> sizes(rank + 1, ShapedType::kDynamic);
  auto add = [&](AffineMap map, ShapedType type) -> LogicalResult {
    for (auto [position, size] : llvm::enumerate(type.getShape())) {
      int64_t &known = sizes[map.getDimPosition(position)];
      if (!ShapedType::isDynamic(known) && !ShapedType::isDynamic(size) && known != size)
        return op.emitOpError() << "[kernel.matmul.R2] sizes of dim d"
                                << map.getDimPosition(position) << " differ: " << known << " and "
                                << size;
      if (!ShapedType::isDynamic(size))
        known = size;
    }
    return success();
  };
  if (failed(add(op.getLhsMap(), op.getLhsType())) ||
      failed(add(op.getResultMap(), op.getInitType())))
    return failure();
  std::optional<PanelsAttr> layout = op.getLayout();
  if (!layout)
    return add(op.getRhsMap(), op.getRhsType());
  int64_t n = sizes[rank - 1], k = sizes[rank];
  int64_t have = op.getRhsType().getRank() == 1 ? op.getRhsType().getDimSize(0) : -1;
  bool canonical = op.getRhsMap().getDimPosition(0) == rank;
  if (have == -1 || !canonical ||
      (!ShapedType::isDynamic(n) && !ShapedType::isDynamic(k) && !ShapedType::isDynamic(have) &&
       have != k * layout->getStoredColumns(n)))
    return op.emitOpError() << "[kernel.matmul.R3] rhs " << op.getRhsType()
                            << " is not the packed form of a (k, n) matrix of " << k << " x " << n;
  return success();
}

LogicalResult MatmulOp::verify() {
  if (failed(verifyDestinationForm(*this)) || failed(verifyMaps(*this)))
    return failure();
  return verifySizes(*this);
}

OpWork MatmulOp::getWork() {
  OpWork work{countElements(getInit()), countElements(getInit(), countOperations(getEpilogue()))};
  AffineExpr summed = getAffineDimExpr(getNumLeading() + 1, getContext());
  work.multiplyAdds.multiply(getLhs(), *getLhsMap().getResultPosition(summed));
  return work;
}
