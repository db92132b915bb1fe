//===- PlaceWeights.cpp - constants become views of the weights image ----===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Passes.td. Done on tensors: bufferization would make globals of constants, which end
// as constant data of the object file.
//
//===----------------------------------------------------------------------===//
#include "lib/IR/ConstantBytes.h"
#include "lib/Place/Place.h"
#include "lib/Place/WeightsImage.h"
#include "lib/Support/FilePages.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/xxhash.h"

using namespace mlir;

namespace optc::place {
#define GEN_PASS_DEF_PLACEWEIGHTS
#include "lib/Place/Passes.h.inc"

namespace {

/// The image under construction: distinct constants and where they start.
class ImageBuilder {
public:
  /// The offset of a constant with these bytes, appended to the image if it is new.
  int64_t offsetOf(ElementsAttr attr, ArrayRef<char> bytes) {
    uint64_t hash =
        llvm::xxh3_64bits(ArrayRef(reinterpret_cast<const uint8_t *>(bytes.data()), bytes.size()));
    for (auto [offset, known] : byHash.lookup(hash))
      if (known == bytes)
        return offset;
    releaseFilePages(bytes.data(), bytes.size());
    int64_t offset = llvm::alignTo(end, bufferAlignment);
    byHash[hash].push_back({offset, bytes});
    attrs.push_back(attr);
    offsets.push_back(offset);
    end = offset + bytes.size();
    return offset;
  }

  void record(ModuleOp module) const {
    Builder builder(module.getContext());
    module->setAttr(run::weightsAttr,
                    run::WeightsAttr::get(module.getContext(), builder.getArrayAttr(attrs),
                                          builder.getDenseI64ArrayAttr(offsets)));
  }

private:
  llvm::DenseMap<uint64_t, SmallVector<std::pair<int64_t, ArrayRef<char>>, 1>> byHash;
  SmallVector<Attribute> attrs;
  SmallVector<int64_t> offsets;
  int64_t end = 0;
};

/// The constant's one value, if all its elements are equal by form.
TypedAttr splatValue(ElementsAttr attr) {
  if (auto dense = dyn_cast<DenseElementsAttr>(attr))
    return dense.isSplat() ? dense.getSplatValue<TypedAttr>() : TypedAttr();
  if (attr.getNumElements() != 1)
    return {};
  std::optional<ArrayRef<char>> bytes = constantBytes(attr);
  if (!bytes)
    return {};
  auto dense = DenseElementsAttr::getFromRawBuffer(attr.getShapedType(), *bytes);
  return dense.getSplatValue<TypedAttr>();
}

/// Rebuilds a generic op with `operand`, an input, as a scalar of its body. Fails if the
/// operand's shape is the only one that tells a loop bound.
LogicalResult inlineScalar(linalg::GenericOp generic, OpOperand &operand, TypedAttr value) {
  unsigned number = operand.getOperandNumber();
  SmallVector<AffineMap> maps = generic.getIndexingMapsArray();
  maps.erase(maps.begin() + number);
  if (!inversePermutation(concatAffineMaps(maps, generic.getContext())))
    return failure();
  OpBuilder builder(generic);
  SmallVector<Value> inputs = generic.getInputs();
  inputs.erase(inputs.begin() + number);
  Value scalar = arith::ConstantOp::create(builder, generic.getLoc(), value);
  auto replacement = linalg::GenericOp::create(
      builder, generic.getLoc(), generic.getResultTypes(), inputs, generic.getOutputs(),
      builder.getAffineMapArrayAttr(maps), generic.getIteratorTypes(), generic.getDocAttr(),
      generic.getLibraryCallAttr());
  replacement->setDiscardableAttrs(generic->getDiscardableAttrDictionary());
  replacement.getRegion().takeBody(generic.getRegion());
  Block &body = replacement.getRegion().front();
  body.getArgument(number).replaceAllUsesWith(scalar);
  body.eraseArgument(number);
  generic.replaceAllUsesWith(replacement.getResults());
  generic.erase();
  return success();
}

struct PlaceWeightsPass : impl::PlaceWeightsBase<PlaceWeightsPass> {
  using PlaceWeightsBase::PlaceWeightsBase;

  void runOnOperation() override {
    ImageBuilder image;
    for (func::FuncOp entry : run::getEntries<func::FuncOp>(getOperation()))
      if (failed(placeEntry(entry, image)))
        return signalPassFailure();
    image.record(getOperation());
  }

private:
  LogicalResult placeEntry(func::FuncOp entry, ImageBuilder &image) {
    auto imageType = MemRefType::get({ShapedType::kDynamic}, IntegerType::get(&getContext(), 8));
    NamedAttribute mark(StringAttr::get(&getContext(), run::imageAttr),
                        UnitAttr::get(&getContext()));
    unsigned position = entry.getNumArguments();
    if (failed(entry.insertArgument(position, imageType, DictionaryAttr::get(&getContext(), mark),
                                    entry.getLoc())))
      return failure();
    SmallVector<arith::ConstantOp> constants;
    entry.walk([&](arith::ConstantOp op) {
      if (isa<RankedTensorType>(op.getType()))
        constants.push_back(op);
    });
    for (arith::ConstantOp op : constants) {
      OpBuilder start = OpBuilder::atBlockBegin(&entry.getBody().front());
      if (failed(placeConstant(op, entry.getArgument(position), start, image)))
        return failure();
    }
    return success();
  }

  LogicalResult placeConstant(arith::ConstantOp op, Value weights, OpBuilder &start,
                              ImageBuilder &image) {
    auto attr = cast<ElementsAttr>(op.getValue());
    auto type = cast<RankedTensorType>(op.getType());
    if (TypedAttr value = splatValue(attr)) {
      placeSplat(op, value);
      return success();
    }
    if (type.getNumElements() == 0) {
      OpBuilder builder(op);
      op.replaceAllUsesWith(
          tensor::EmptyOp::create(builder, op.getLoc(), type, ValueRange{}).getResult());
      op.erase();
      return success();
    }
    std::optional<ArrayRef<char>> bytes = constantBytes(attr);
    if (!bytes)
      return op.emitError("has a constant whose bytes are not in memory");
    Location loc = op.getLoc();
    int64_t offset = image.offsetOf(attr, *bytes);
    Value index = arith::ConstantIndexOp::create(start, loc, offset);
    Value view =
        memref::ViewOp::create(start, loc, MemRefType::get(type.getShape(), type.getElementType()),
                               weights, index, ValueRange{});
    Value tensor = bufferization::ToTensorOp::create(start, loc, type, view, /*restrict=*/true);
    op.replaceAllUsesWith(tensor);
    op.erase();
    return success();
  }

  static void placeSplat(arith::ConstantOp op, TypedAttr value) {
    SmallVector<OpOperand *> uses;
    for (OpOperand &use : op->getUses())
      uses.push_back(&use);
    for (OpOperand *use : uses)
      if (auto generic = dyn_cast<linalg::GenericOp>(use->getOwner()))
        if (generic.isDpsInput(use))
          // Another use by the same op then moves to the new op: found below.
          if (succeeded(inlineScalar(generic, *use, value)))
            return op->use_empty() ? op->erase() : placeSplat(op, value);
    OpBuilder builder(op);
    Value scalar = arith::ConstantOp::create(builder, op.getLoc(), value);
    Value empty = tensor::EmptyOp::create(builder, op.getLoc(),
                                          cast<RankedTensorType>(op.getType()), ValueRange{});
    Value fill = linalg::FillOp::create(builder, op.getLoc(), scalar, empty).getResult(0);
    op.replaceAllUsesWith(fill);
    op.erase();
  }
};

} // namespace
} // namespace optc::place
