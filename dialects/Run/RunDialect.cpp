//===- RunDialect.cpp - the run dialect ----------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Registers ops and attributes, and refuses attributes where they do not belong.
//
//===----------------------------------------------------------------------===//
#include "dialects/Run/Run.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace optc::run;

#include "dialects/Run/RunDialect.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "dialects/Run/RunAttrs.cpp.inc"

#define GET_OP_CLASSES
#include "dialects/Run/RunOps.cpp.inc"

void RunDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "dialects/Run/RunOps.cpp.inc"
      >();
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dialects/Run/RunAttrs.cpp.inc"
      >();
}

//===----------------------------------------------------------------------===//
// Attributes
//===----------------------------------------------------------------------===//

EntryAttr EntryAttr::get(MLIRContext *context) {
  return get(context, -1, -1, {}, {}, {}, 0, 0, {}, {});
}

EntryAttr EntryAttr::withPlaces(int64_t inputs, int64_t outputs) const {
  return get(getContext(), inputs, outputs, getSizes(), getLifetimes(), getWork(), getKernels(),
             getUncounted(), getNames(), getFamilies());
}

EntryAttr EntryAttr::withArena(StringAttr sizes, ArrayRef<int64_t> lifetimes) const {
  return get(getContext(), getInputs(), getOutputs(), FlatSymbolRefAttr::get(sizes),
             DenseI64ArrayAttr::get(getContext(), lifetimes), getWork(), getKernels(),
             getUncounted(), getNames(), getFamilies());
}

EntryAttr EntryAttr::withWork(StringAttr work, int64_t kernels, int64_t uncounted) const {
  return get(getContext(), getInputs(), getOutputs(), getSizes(), getLifetimes(),
             FlatSymbolRefAttr::get(work), kernels, uncounted, getNames(), getFamilies());
}

EntryAttr EntryAttr::withNames(ArrayAttr names, ArrayAttr families) const {
  return get(getContext(), getInputs(), getOutputs(), getSizes(), getLifetimes(), getWork(),
             getKernels(), getUncounted(), names, families);
}

LogicalResult EntryAttr::verify(function_ref<InFlightDiagnostic()> emitError, int64_t inputs,
                                int64_t outputs, FlatSymbolRefAttr sizes,
                                DenseI64ArrayAttr lifetimes, FlatSymbolRefAttr work,
                                int64_t kernels, int64_t uncounted, ArrayAttr names,
                                ArrayAttr families) {
  if (inputs < -1 || outputs < -1 || (inputs < 0) != (outputs < 0))
    return emitError() << "[run.attribute.R2] " << inputs << " inputs and " << outputs
                       << " outputs";
  if (!sizes != !lifetimes)
    return emitError() << "[run.attribute.R2] sizes and lifetimes of buffers come together";
  if (lifetimes) {
    ArrayRef<int64_t> ticks = lifetimes.asArrayRef();
    bool isOrdered = ticks.size() % 2 == 0;
    for (size_t i = 0; isOrdered && i < ticks.size(); i += 2)
      isOrdered = ticks[i] >= 0 && ticks[i] <= ticks[i + 1];
    if (!isOrdered)
      return emitError() << "[run.attribute.R2] lifetimes are pairs of a first and a last tick";
  }
  if (kernels < 0 || uncounted < 0 || uncounted > kernels || (!work && kernels > 0))
    return emitError() << "[run.attribute.R2] " << uncounted << " of " << kernels
                       << " kernels are not counted";
  for (ArrayAttr texts : {names, families})
    if (texts && (static_cast<int64_t>(texts.size()) != kernels ||
                  !llvm::all_of(texts, llvm::IsaPred<StringAttr>)))
      return emitError() << "[run.attribute.R2] names and families are one string per kernel";
  return success();
}

LogicalResult WeightsAttr::verify(function_ref<InFlightDiagnostic()> emitError, ArrayAttr values,
                                  DenseI64ArrayAttr offsets) {
  constexpr int64_t alignment = 64;
  if (static_cast<int64_t>(values.size()) != offsets.size() ||
      !llvm::all_of(values, llvm::IsaPred<ElementsAttr>))
    return emitError() << "[run.attribute.R3] there are " << values.size() << " constants and "
                       << offsets.size() << " offsets";
  int64_t end = 0;
  for (int64_t offset : offsets.asArrayRef()) {
    if (offset < end || offset % alignment != 0)
      return emitError() << "[run.attribute.R3] a constant at " << offset
                         << " behind one that ends at " << end << " or later; they are aligned to "
                         << alignment << " bytes";
    end = offset + 1;
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Where they belong
//===----------------------------------------------------------------------===//

/// What an entry says of its function and of others.
static LogicalResult verifyEntry(FunctionOpInterface function, EntryAttr entry) {
  if (entry.getInputs() > static_cast<int64_t>(function.getNumArguments()))
    return function.emitOpError("[run.attribute.R2] has fewer arguments than the ")
           << entry.getInputs() << " inputs of its entry";
  Operation *module = function->getParentOp();
  for (FlatSymbolRefAttr symbol : {entry.getSizes(), entry.getWork()})
    if (symbol && module && module->hasTrait<OpTrait::SymbolTable>() &&
        !isa_and_present<FunctionOpInterface>(
            SymbolTable::lookupSymbolIn(module, symbol.getAttr())))
      return function.emitOpError("[run.attribute.R2] its entry names the function ")
             << symbol << ", which does not exist";
  return success();
}

LogicalResult RunDialect::verifyOperationAttribute(Operation *op, NamedAttribute attribute) {
  StringRef name = attribute.getName();
  Attribute value = attribute.getValue();
  auto function = dyn_cast<FunctionOpInterface>(op);
  bool belongs = llvm::StringSwitch<bool>(name)
                     .Case(entryAttr, function && isa<EntryAttr>(value))
                     .Case(kernelAttr, function && isa<UnitAttr>(value))
                     .Case(parallelBodyAttr, function && isa<FlatSymbolRefAttr>(value))
                     .Case(weightsAttr, isa<ModuleOp>(op) && isa<WeightsAttr>(value))
                     .Case(workAttr, isa<ParallelOp>(op) && isa<WorkAttr>(value))
                     .Default(false);
  if (!belongs)
    return op->emitOpError("[run.attribute.R1] has '")
           << name << "', which is unknown, of another type, or at another place";
  if (auto entry = dyn_cast<EntryAttr>(value))
    return verifyEntry(function, entry);
  return success();
}

LogicalResult RunDialect::verifyRegionArgAttribute(Operation *op, unsigned, unsigned,
                                                   NamedAttribute attribute) {
  if (attribute.getName() == imageAttr && isa<UnitAttr>(attribute.getValue()))
    return success();
  return op->emitOpError("[run.attribute.R1] an argument has '")
         << attribute.getName().getValue() << "', which is unknown or of another type";
}
