//===- Pack.cpp - packed weights ------------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Builder and rules of kernel.pack and of the layout attributes.
//
//===----------------------------------------------------------------------===//
#include "dialects/Kernel/Kernel.h"
#include "dialects/Kernel/WinogradTransform.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace optc;
using namespace optc::kernel;

LogicalResult PanelsAttr::verify(llvm::function_ref<InFlightDiagnostic()> emitError, int64_t width,
                                 int64_t align, int64_t interleave) {
  if (interleave < 1)
    return emitError() << "cannot interleave " << interleave << " rows";
  if (align < 1 || width < 1 || width % align != 0)
    return emitError() << "panel width " << width << " is not a multiple of " << align;
  return success();
}

LogicalResult WinogradAttr::verify(llvm::function_ref<InFlightDiagnostic()> emitError, int64_t tile,
                                   PanelsAttr) {
  if (!WinogradTransform::isKnown(tile))
    return emitError() << "there is no Winograd transform for tiles of " << tile << " outputs";
  return success();
}

int64_t kernel::getPackedSize(Attribute layout, int64_t rows, int64_t columns) {
  if (auto winograd = dyn_cast<WinogradAttr>(layout)) {
    rows = rows / WinogradTransform::window * winograd.getPositions();
    layout = winograd.getPanels();
  }
  if (auto panels = dyn_cast<PanelsAttr>(layout))
    columns = panels.getStoredColumns(columns);
  return rows * columns;
}

/// The element type of what is packed from `source`. Transformed filters are narrowed only where
/// the layout asks for it: the transforms multiply their rounding errors.
static Type getPackedElement(Attribute layout, Type source) {
  auto winograd = dyn_cast<WinogradAttr>(layout);
  return winograd && !winograd.isPaired() && source.getIntOrFloatBitWidth() < 32
             ? Float32Type::get(source.getContext())
             : source;
}

static int64_t divided(int64_t size, int64_t by) {
  return ShapedType::isDynamic(size) ? size : size / by;
}

int64_t PackOp::getRows() {
  ArrayRef<int64_t> shape = getSourceType().getShape();
  if (getOrder() == PackOrder::Filter)
    return ShapedType::isDynamicShape(shape.drop_front()) ? ShapedType::kDynamic
                                                          : llvm::product_of(shape.drop_front());
  return shape[getOrder() == PackOrder::KN ? 0 : 1];
}

int64_t PackOp::getColumns() {
  return divided(getSourceType().getShape()[getOrder() == PackOrder::KN ? 1 : 0], getGroups());
}

/// Elements of the packed form, kDynamic where unknown.
static int64_t packedSize(PackOp op) {
  int64_t rows = op.getRows(), columns = op.getColumns();
  if (ShapedType::isDynamic(rows) || ShapedType::isDynamic(columns))
    return ShapedType::kDynamic;
  return op.getGroups() * getPackedSize(op.getLayout(), rows, columns);
}

void PackOp::build(OpBuilder &builder, OperationState &state, PackOrder order, Value source,
                   Attribute layout, int64_t groups) {
  auto sourceType = cast<RankedTensorType>(source.getType());
  assert(sourceType.hasStaticShape());
  ArrayRef<int64_t> shape = sourceType.getShape();
  int64_t columns = shape[order == PackOrder::KN ? 1 : 0] / groups;
  int64_t rows = sourceType.getNumElements() / (columns * groups);
  auto type = RankedTensorType::get({groups * getPackedSize(layout, rows, columns)},
                                    getPackedElement(layout, sourceType.getElementType()));
  Value init =
      tensor::EmptyOp::create(builder, state.location, type.getShape(), type.getElementType());
  state.addOperands({source, init});
  state.addTypes(type);
  Properties &properties = state.getOrAddProperties<Properties>();
  properties.order = PackOrderAttr::get(builder.getContext(), order);
  properties.layout = layout;
  properties.groups = builder.getI64IntegerAttr(groups);
}

/// Part of rule `kernel.pack.R2`. Rows of a transformed filter stand side by side only within a
/// position.
static LogicalResult verifyInterleave(PackOp op) {
  auto panels = dyn_cast<PanelsAttr>(op.getLayout());
  int64_t rows = op.getRows();
  if (auto winograd = dyn_cast<WinogradAttr>(op.getLayout())) {
    panels = winograd.getPanels();
    if (!ShapedType::isDynamic(rows))
      rows /= WinogradTransform::window;
  }
  if (panels && !ShapedType::isDynamic(rows) && rows % panels.getInterleave() != 0)
    return op.emitOpError() << "[kernel.pack.R2] " << rows << " rows are no multiple of the "
                            << panels.getInterleave() << " that the layout puts side by side";
  return success();
}

LogicalResult PackOp::verify() {
  if (failed(verifyDestinationForm(*this)))
    return failure();
  int64_t rank = getSourceType().getRank(), groups = getGroups();
  bool isFilter = getOrder() == PackOrder::Filter;
  if (isFilter ? rank < 3 : rank != 2)
    return emitOpError() << "[kernel.pack.R1] source of rank " << rank << " is no "
                         << stringifyPackOrder(getOrder());
  int64_t outputs = getSourceType().getDimSize(0);
  if (groups < 1 || (groups > 1 && !isFilter) ||
      (!ShapedType::isDynamic(outputs) && isFilter && outputs % groups != 0))
    return emitOpError() << "[kernel.pack.R1] cannot have " << groups << " groups";
  if (failed(verifyInterleave(*this)))
    return failure();
  if (isa<TapsAttr>(getLayout()) &&
      (!isFilter || getSourceType().getDimSize(1) != 1 || getColumns() != 1))
    return emitOpError(
        "[kernel.pack.R3] the layout taps takes a filter [C, 1, window..] of C groups");
  if (isa<WinogradAttr>(getLayout()) &&
      (!isFilter || groups != 1 || rank != 4 || !isa<FloatType>(getSourceType().getElementType()) ||
       getSourceType().getDimSize(2) != 3 || getSourceType().getDimSize(3) != 3))
    return emitOpError(
        "[kernel.pack.R4] the layout winograd takes a filter [O, C, 3, 3] of floats");
  Type element = getPackedElement(getLayout(), getSourceType().getElementType());
  if (getInitType().getRank() != 1 || getInitType().getElementType() != element ||
      failed(verifyCompatibleDims({getInitType().getDimSize(0), packedSize(*this)})))
    return emitOpError() << "[kernel.pack.R2] result " << getInitType() << " has not the "
                         << packedSize(*this) << " elements of type " << element
                         << " that the layout takes";
  return success();
}
