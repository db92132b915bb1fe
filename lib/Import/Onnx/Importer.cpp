//===- Importer.cpp - from the loaded model to the nn dialect ------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The walk over a graph's nodes; see Importer.h.
//
//===----------------------------------------------------------------------===//
#include "dialects/NN/UnrankedOutputs.h"
#include "dialects/Run/Run.h"
#include "lib/IR/ErrorId.h"
#include "lib/Import/Onnx/BranchedModel.h"
#include "lib/Import/Onnx/ConstantImport.h"
#include "lib/Import/Onnx/ImportState.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/SaveAndRestore.h"

using namespace mlir;
using namespace optc;
using namespace optc::onnximport;

//===----------------------------------------------------------------------===//
// Importer
//===----------------------------------------------------------------------===//

FailureOr<Type> Importer::convertInput(const ValueInfo &input) {
  Location loc = NameLoc::get(StringAttr::get(context, input.name));
  if (input.type.kind != ValueType::Kind::Tensor)
    return withId(emitError(loc), E2003) << "the model input '" << input.name
                                         << "' is no tensor; only tensors can be model inputs";
  Type element = convertElemType(input.type.elem, context);
  if (!element)
    return withId(emitError(loc), E2003)
           << "the model input '" << input.name << "' has the type "
           << elemName(input.type.elem).data() << ", which optc does not support";
  if (!input.type.hasRank)
    return withId(emitError(loc), E2004)
           << "the model input '" << input.name
           << "' has no rank; give it a shape (sizes may be symbolic)";
  SmallVector<int64_t> sizes;
  for (const Dim &dim : input.type.dims)
    sizes.push_back(dim.isKnown() ? dim.size : ShapedType::kDynamic);
  return Type(RankedTensorType::get(sizes, element));
}

OwningOpRef<ModuleOp> Importer::run() {
  const Graph &graph = model.graph;
  OwningOpRef<ModuleOp> module = ModuleOp::create(builder.getUnknownLoc());
  SmallVector<Type> inputTypes;
  SmallVector<ValueId> inputs, outputs;
  for (ValueId id : graph.inputs) {
    FailureOr<Type> type = convertInput(model.value(id));
    if (failed(type)) {
      refuse(id);
      continue;
    }
    inputs.push_back(id);
    inputTypes.push_back(*type);
  }
  builder.setInsertionPointToEnd(module->getBody());
  auto func = func::FuncOp::create(builder, NameLoc::get(builder.getStringAttr(graph.name)), "main",
                                   builder.getFunctionType(inputTypes, {}));
  run::setEntry(func, run::EntryAttr::get(context));
  Block *block = func.addEntryBlock();
  builder.setInsertionPointToStart(block);
  for (auto [id, argument] : llvm::zip_equal(inputs, block->getArguments())) {
    values[id] = argument;
    argument.setLoc(NameLoc::get(builder.getStringAttr(model.value(id).name)));
    for (auto [i, dim] : llvm::enumerate(model.value(id).type.dims))
      if (!dim.isKnown() && !dim.symbol.empty())
        shapes.nameDim(argument, i, dim.symbol);
  }
  SmallVector<Value> results;
  if (failed(importGraph(graph)) || refusals || failed(collectResults(outputs, results)))
    return {};
  func::ReturnOp::create(builder, func.getLoc(), results);
  func.setFunctionType(builder.getFunctionType(inputTypes, TypeRange(ValueRange(results))));
  annotate(func, inputs, outputs, results);
  return module;
}

/// The outputs of the model, then the taps.
LogicalResult Importer::collectResults(SmallVectorImpl<ValueId> &ids,
                                       SmallVectorImpl<Value> &results) {
  for (ValueId id : model.graph.outputs) {
    Value value = unranked.contains(id) ? unranked[id].flat : values.lookup(id);
    if (sequences.contains(id))
      return withId(emitError(NameLoc::get(builder.getStringAttr(model.value(id).name))), E2003)
             << "the model output '" << model.value(id).name
             << "' is a sequence; only tensors can be model outputs";
    if (!value)
      return withId(emitError(NameLoc::get(builder.getStringAttr(model.graph.name))), E2002)
             << "the model output '" << model.value(id).name << "' is computed by no node";
    ids.push_back(id);
    results.push_back(value);
  }
  llvm::StringSet<> taps;
  for (const std::string &name : options.taps)
    taps.insert(name);
  for (const Node &node : model.graph.nodes)
    for (ValueId id : node.outputs) {
      Value value = id == noValue           ? Value()
                    : unranked.contains(id) ? unranked[id].flat
                                            : values.lookup(id);
      if (!value || !isa<FloatType>(getElementTypeOrSelf(value)) ||
          !taps.erase(model.value(id).name))
        continue;
      ids.push_back(id);
      results.push_back(value);
    }
  for (ValueId id : ids)
    if (auto found = unranked.find(id); found != unranked.end())
      results.push_back(found->second.shape);
  return success();
}

/// The names of an output's sizes: that of the input's size which it equals, else the model's own.
mlir::Attribute Importer::outputDims(const ValueInfo &output, Value value) {
  SmallVector<mlir::Attribute> names;
  for (auto [i, size] : llvm::enumerate(shapes.getShape(value))) {
    StringRef name;
    if (auto symbol = dyn_cast<AffineSymbolExpr>(size))
      name = shapes.getSymbols()[symbol.getPosition()].name;
    if (name.empty() && !nn::getConstant(size) && i < output.claimed.dims.size())
      name = output.claimed.dims[i].symbol;
    names.push_back(builder.getStringAttr(name));
  }
  return builder.getArrayAttr(names);
}

/// Names of inputs, outputs and their symbolic sizes.
void Importer::annotate(func::FuncOp func, ArrayRef<ValueId> inputs, ArrayRef<ValueId> outputs,
                        ArrayRef<Value> results) {
  for (auto [i, id] : llvm::enumerate(inputs)) {
    const auto &value = model.value(id);
    func.setArgAttr(i, "nn.name", builder.getStringAttr(value.name));
    SmallVector<mlir::Attribute> names;
    for (const Dim &dim : value.type.dims)
      names.push_back(builder.getStringAttr(dim.isKnown() ? "" : dim.symbol));
    if (llvm::any_of(value.type.dims,
                     [](const Dim &d) { return !d.isKnown() && !d.symbol.empty(); }))
      func.setArgAttr(i, "nn.dims", builder.getArrayAttr(names));
  }
  unsigned shape = outputs.size();
  for (auto [i, id] : llvm::enumerate(outputs)) {
    func.setResultAttr(i, "nn.name", builder.getStringAttr(model.value(id).name));
    auto found = unranked.find(id);
    if (found == unranked.end()) {
      func.setResultAttr(i, "nn.dims", outputDims(model.value(id), results[i]));
      continue;
    }
    func.setResultAttr(i, nn::ranksAttr, builder.getI64ArrayAttr(found->second.ranks));
    func.setResultAttr(shape++, nn::shapeOfAttr, builder.getI64IntegerAttr(i));
  }
}

/// What ONNX's inference knows of a value, and where it knows nothing what the file claims.
ValueType Importer::declaredType(ValueId id) const {
  ValueType type = model.value(id).type;
  const ValueType &claimed = model.value(id).claimed;
  if (!type.hasRank || type.kind != ValueType::Kind::Tensor)
    return claimed.kind == ValueType::Kind::Tensor ? claimed : type;
  if (claimed.hasRank && claimed.dims.size() == type.dims.size())
    for (auto [dim, claim] : llvm::zip(type.dims, claimed.dims))
      if (!dim.isKnown() && claim.isKnown())
        dim = claim;
  return type;
}

void Importer::beginGraph(const Graph &graph, SmallVectorImpl<Step> &steps) {
  for (const Initializer &initializer : graph.initializers)
    importInitializer(initializer);
  for (const Node &node : graph.nodes)
    steps.push_back({&node});
}

LogicalResult Importer::importGraph(const Graph &graph) {
  size_t before = refusals;
  SmallVector<Step> steps;
  beginGraph(graph, steps);
  llvm::SaveAndRestore inSubgraph(rest, std::optional<ArrayRef<Step>>());
  importSteps(steps, /*areOfModel=*/&graph == &model.graph);
  return success(refusals == before);
}

void Importer::importSteps(ArrayRef<Step> steps, bool areOfModel) {
  while (!steps.empty() && !(areOfModel && isBranched)) {
    Step step = steps.front();
    steps = steps.drop_front();
    if (areOfModel)
      rest = steps;
    if (step.branch)
      bindResults(*step.node, *step.branch);
    else
      importNode(*step.node);
    if (areOfModel)
      isUnlikeInside = false;
  }
}

/// The results of a node are those of its branch.
void Importer::bindResults(const Node &node, const Graph &branch) {
  for (auto [i, id] : llvm::enumerate(node.outputs)) {
    if (id == noValue)
      continue;
    ValueId from = branch.outputs[i];
    if (auto found = sequences.find(from); found != sequences.end()) {
      SmallVector<Value> elements = found->second;
      sequences[id] = std::move(elements);
    } else if (Value value = values.lookup(from)) {
      setResult(node, i, value);
    } else {
      if (!isRefused(from))
        withId(emitError(locOf(node)), E2002)
            << "node '" << node.name << "' (" << node.opType << "): output '"
            << model.value(from).name << "' of its branch is computed by no node";
      refuse(id);
    }
  }
}

void Importer::importInitializer(const Initializer &initializer) {
  Location loc = NameLoc::get(builder.getStringAttr(initializer.tensor.name));
  FailureOr<ElementsAttr> value = convertTensor(initializer.tensor, loc);
  if (failed(value))
    return refuse(initializer.value);
  builder.setLoc(loc);
  values[initializer.value] = builder.constant(*value);
}

/// Imports a node, or refuses it and goes on: all that is wrong with a model is told at once.
void Importer::importNode(const Node &node) {
  builder.setLoc(locOf(node));
  OpBuilder::InsertPoint place = builder.saveInsertionPoint();
  bool isKnown = HandlerRegistry::get().find(node.domain, node.opType);
  bool isJudged =
      !isKnown || llvm::none_of(node.inputs, [&](ValueId id) { return refused.contains(id); });
  if (isKnown && isJudged && succeeded(tryNode(node)))
    return;
  if (!isJudged && options.notJudged)
    ++*options.notJudged;
  // Operators without an implementation are told also where nothing else can be said.
  reportIfUnknown(node);
  for (const auto &attribute : node.attributes)
    if (attribute.graph)
      forEachNode(*attribute.graph,
                  [&](const Node &inner, const Graph &) { reportIfUnknown(inner); });
  builder.restoreInsertionPoint(place);
  ++refusals; // also where no output is named
  for (ValueId id : node.outputs)
    refuse(id);
}

/// Whether an operator takes constants of types that are stored only.
static bool readsStored(const Node &node) {
  return node.domain.empty() &&
         llvm::is_contained({"DequantizeLinear", "Cast", "Identity"}, StringRef(node.opType));
}

LogicalResult Importer::tryNode(const Node &node) {
  NodeImport import(*this, node, builder);
  // Of the ops that take a sequence it is the first operand.
  bool takesSequences = HandlerRegistry::get().takesSequences(node.domain, node.opType);
  for (auto [i, input] : llvm::enumerate(node.inputs))
    if (input != noValue && !values.lookup(input) &&
        !(takesSequences && i == 0 && sequences.contains(input)))
      return import.unsupported("its input '" + model.value(input).name +
                                "' is not a tensor optc can hold");
  for (auto [i, input] : llvm::enumerate(node.inputs))
    if (Value value = input == noValue ? Value() : values.lookup(input))
      if (isStoredOnly(cast<ShapedType>(value.getType()).getElementType()) && !readsStored(node))
        return import.unsupported("its input '" + model.value(input).name +
                                  "' has a type that only "
                                  "DequantizeLinear and Cast take; convert it before");
  try {
    if (failed(HandlerRegistry::get().find(node.domain, node.opType)(import)))
      return failure();
  } catch (const nn::InferenceFailed &) {
    return failure(); // the diagnostic is out
  }
  if (isBranched)
    return success(); // its results are inside of the branches
  for (size_t i = 0; i < node.outputs.size(); ++i)
    if (node.output(i) != noValue && !values.lookup(node.output(i)) &&
        !sequences.contains(node.output(i)))
      return import.unsupported("output " + Twine(i) + " is not supported");
  return success();
}

/// What to do about an operator of a domain that optc knows of.
static StringRef adviceFor(const Node &node) {
  StringRef domain = node.domain, op = node.opType;
  if (domain == "com.microsoft.nchwc" || domain == "com.ms.internal.nhwc")
    return "; this layout is for the machine ONNX Runtime optimized the model on: compile the "
           "model "
           "as it was exported, or optimized with ORT_ENABLE_EXTENDED";
  if (domain == "ai.onnx.ml")
    return "; of ai.onnx.ml, classical machine learning, optc supports none: cut this part off the "
           "model, or export it with operators of ai.onnx";
  if (domain != "com.microsoft")
    return "";
  bool isQuantized = op.starts_with("Q") || op.contains("Quant") || op.contains("NBits") ||
                     op.contains("Integer") || op.contains("Bnb4");
  return isQuantized
             ? "; it is one of ONNX Runtime's for quantized models: compile the model as it "
               "was before, or quantized in the QDQ format"
             : "; it is one of ONNX Runtime's own: compile the model as it was before ONNX "
               "Runtime optimized it";
}

void Importer::reportIfUnknown(const Node &node) {
  if (HandlerRegistry::get().find(node.domain, node.opType) || !unknown.insert(&node).second)
    return;
  builder.setLoc(locOf(node));
  (void)NodeImport(*this, node, builder)
      .unsupported("optc has no implementation of this operator" + adviceFor(node));
}

bool Importer::attempt(SmallVectorImpl<Diagnostic> &errors, function_ref<bool()> import) {
  size_t refusalsBefore = refusals;
  llvm::DenseSet<ValueId> refusedBefore = refused;
  ScopedDiagnosticHandler handler(context, [&](Diagnostic &diagnostic) {
    if (diagnostic.getSeverity() != DiagnosticSeverity::Error)
      return failure();
    errors.push_back(std::move(diagnostic));
    return success();
  });
  if (import() && refusals == refusalsBefore)
    return true;
  refusals = refusalsBefore;
  refused = std::move(refusedBefore);
  return false;
}

void Importer::refuse(ValueId id) {
  ++refusals;
  if (id == noValue)
    return;
  values.erase(id);
  refused.insert(id);
}

/// Binds a result. Sizes that only the data decides take what the model declares: the op that
/// computes them checks it when it runs.
void Importer::setResult(const Node &node, size_t index, Value value) {
  ValueId id = node.output(index);
  if (id == noValue)
    return;
  values[id] = value;
  ValueType declared = declaredType(id);
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type || !declared.hasRank || !value.getDefiningOp<nn::SymbolicShapeOpInterface>() ||
      type.getRank() != static_cast<int64_t>(declared.dims.size()) || type.hasStaticShape())
    return;
  nn::Shape shape = shapes.getShape(value);
  SmallVector<int64_t> sizes(type.getShape());
  for (auto [i, dim] : llvm::enumerate(declared.dims)) {
    const nn::SymbolicShapes::Symbol *symbol = shapes.getSymbol(shape[i]);
    if (symbol && dim.isKnown() && symbol->value == value &&
        symbol->kind == nn::SymbolicShapes::Symbol::Kind::Dim) {
      sizes[i] = dim.size;
      shape[i] = shapes.constant(dim.size);
    }
  }
  value.setType(type.clone(sizes));
  shapes.setShape(value, shape);
}

OwningOpRef<ModuleOp> optc::onnximport::importModel(const Model &model, MLIRContext *context,
                                                    const ImportOptions &options) {
  context->loadDialect<nn::NNDialect, run::RunDialect, func::FuncDialect, linalg::LinalgDialect,
                       scf::SCFDialect, tensor::TensorDialect>();
  return Importer(model, context, options).run();
}

//===----------------------------------------------------------------------===//
// Registry
//===----------------------------------------------------------------------===//

const HandlerRegistry &HandlerRegistry::get() {
  static const HandlerRegistry registry = [] {
    HandlerRegistry all;
#define F(name) register##name(all);
#include "lib/Import/Onnx/Ops/Families.def"
    return all;
  }();
  return registry;
}
