//===- Segments.cpp - a model cut where products read something new -----------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Segments.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Compress/Segments.h"
#include "lib/Compress/Sites.h"
#include "mlir/Bytecode/BytecodeWriter.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/MapVector.h"

using namespace mlir;
using namespace optc;
using namespace optc::compress;
using namespace optc::nn;

std::string compress::segmentInputName(size_t index) { return "in" + std::to_string(index); }
std::string compress::segmentOutputName(size_t index) { return "out" + std::to_string(index); }

/// All that an op reads, its regions included, which is defined outside of it.
static llvm::SetVector<Value> operandsOf(Operation *op) {
  llvm::SetVector<Value> operands;
  op->walk([&](Operation *nested) {
    for (Value operand : nested->getOperands())
      if (!op->isAncestor(operand.getParentRegion()->getParentOp()))
        operands.insert(operand);
  });
  return operands;
}

/// Whether a value depends on nothing that only the run knows.
static bool isConstant(Value value) {
  Operation *op = value.getDefiningOp();
  return op && (isa<ConstantOp>(op) || isa<TransposeOp>(op)) &&
         llvm::all_of(op->getOperands(), isConstant);
}

namespace {

/// Where a model is cut, and what crosses over.
class Cut {
public:
  Cut(func::FuncOp func, const Plan &plan);
  Segments write();

private:
  void findNeeded();
  void assignSegments();
  void findCrossing();
  void read(Value value, size_t segment);
  size_t placeOf(Value value) const { return llvm::find(crossing, value) - crossing.begin(); }

  friend class Program;
  func::FuncOp func;
  SymbolicShapes shapes;
  llvm::DenseMap<Operation *, size_t> sites; ///< numbers of those of blocks
  llvm::SetVector<Value> data;               ///< values that products read
  llvm::DenseSet<Operation *> needed;
  std::vector<std::vector<Operation *>> members;
  llvm::DenseMap<Operation *, size_t> segmentOf;
  llvm::SetVector<Value> crossing; ///< the arguments first
  std::vector<size_t> lastReader;
};

/// The program of a segment.
class Program {
public:
  Program(Cut &cut, size_t number) : cut(cut), number(number) {}

  Segment write();

private:
  Value addInput(Value like, const SegmentInput &input);
  Value valueFor(Value value);
  Value weightFor(Operation *site, Value value);
  void copy(Operation *op);
  void copySite(Operation *op);
  bool isParameter(Value value) const;
  ArrayAttr dimsOf(Value value);

  Cut &cut;
  size_t number;
  func::FuncOp func;
  OpBuilder builder{cut.func.getContext()};
  IRMapping mapping;
  llvm::DenseMap<Value, Value> dataInputs;
  Segment segment;
};

} // namespace

Cut::Cut(func::FuncOp func, const Plan &plan) : func(func), shapes(func.getContext()) {
  (void)inferFunction(func, shapes); // it was simplified: there is nothing to complain about
  for (auto [i, op] : llvm::enumerate(blockSitesOf(func))) {
    sites[op] = i;
    if (plan.sites[i].value)
      data.insert(op->getOperand(0));
  }
  findNeeded();
  assignSegments();
  findCrossing();
}

/// What values that products read are made of.
void Cut::findNeeded() {
  SmallVector<Value> work(data.begin(), data.end());
  while (!work.empty()) {
    Operation *op = work.pop_back_val().getDefiningOp();
    if (op && needed.insert(op).second)
      llvm::append_range(work, operandsOf(op));
  }
}

/// Ops stay in their order; a new segment begins with the first product of a value.
void Cut::assignSegments() {
  llvm::DenseSet<Value> seen;
  members.emplace_back();
  for (Operation &op : func.getBody().front()) {
    if (sites.contains(&op) && data.contains(op.getOperand(0)) &&
        seen.insert(op.getOperand(0)).second)
      members.emplace_back();
    if (!needed.contains(&op) || llvm::all_of(op.getResults(), isConstant))
      continue;
    segmentOf[&op] = members.size() - 1;
    members.back().push_back(&op);
  }
  members.resize(data.size()); // behind the last value there is nothing to learn
}

void Cut::read(Value value, size_t segment) {
  if (isConstant(value))
    return;
  Operation *op = value.getDefiningOp();
  if (op && segmentOf.lookup(op) == segment)
    return;
  crossing.insert(value);
  lastReader.resize(crossing.size());
  size_t &last = lastReader[placeOf(value)];
  last = std::max(last, segment);
}

void Cut::findCrossing() {
  for (Value argument : func.getArguments())
    crossing.insert(argument);
  lastReader.resize(crossing.size());
  for (auto [i, value] : llvm::enumerate(data))
    read(value, i + 1); // what rounds the weights
  for (auto [i, ops] : llvm::enumerate(members))
    for (Operation *op : ops)
      for (Value operand : operandsOf(op))
        read(operand, i);
}

Segments Cut::write() {
  Segments result;
  for (size_t i = 0; i < members.size(); ++i)
    result.segments.push_back(Program(*this, i).write());
  for (Value value : data)
    result.values.push_back(placeOf(value));
  result.crossing = crossing.size();
  result.lastReader = lastReader;
  return result;
}

/// Sizes that are equal get the same name, so that a program knows them to be.
ArrayAttr Program::dimsOf(Value value) {
  SmallVector<Attribute> names;
  for (DimExpr size : cut.shapes.getShape(value)) {
    std::string name;
    llvm::raw_string_ostream stream(name);
    if (!isa<AffineConstantExpr>(size))
      size.print(stream);
    names.push_back(builder.getStringAttr(name));
  }
  return builder.getArrayAttr(names);
}

Value Program::addInput(Value like, const SegmentInput &input) {
  unsigned index = func.getNumArguments();
  auto name = builder.getStringAttr(segmentInputName(index));
  auto attributes = builder.getDictionaryAttr(
      {builder.getNamedAttr("nn.name", name), builder.getNamedAttr("nn.dims", dimsOf(like))});
  (void)func.insertArgument(index, like.getType(), attributes, builder.getUnknownLoc());
  segment.inputs.push_back(input);
  return func.getArgument(index);
}

/// Numbers of norms and biases; not those that decide what is built, as of convolutions.
bool Program::isParameter(Value value) const {
  constexpr int64_t fewest = 16;
  auto type = NNBuilder::typeOf(value);
  return type.getElementType().isF32() && type.getNumElements() >= fewest &&
         llvm::all_of(value.getUsers(), llvm::IsaPred<BinaryOp>);
}

Value Program::valueFor(Value value) {
  if (Value known = mapping.lookupOrNull(value))
    return known;
  Value made;
  if (!isConstant(value)) {
    made = addInput(value, {SegmentInput::Value, cut.placeOf(value)});
  } else if (auto constant = value.getDefiningOp<ConstantOp>(); constant && isParameter(value)) {
    made = addInput(value, {SegmentInput::Parameter, 0, constant.getValue()});
  } else {
    copy(value.getDefiningOp());
    return mapping.lookup(value);
  }
  mapping.map(value, made);
  return made;
}

void Program::copy(Operation *op) {
  for (Value operand : operandsOf(op))
    (void)valueFor(operand);
  Operation *made = builder.clone(*op, mapping);
  made->walk([&](Operation *nested) { nested->setLoc(builder.getUnknownLoc()); });
}

/// An input of its own for each site, where the constant stands.
Value Program::weightFor(Operation *site, Value value) {
  if (value.getDefiningOp<ConstantOp>())
    return addInput(value, {SegmentInput::Weight, cut.sites.lookup(site)});
  Operation *moved = value.getDefiningOp();
  Operation *made = moved->clone();
  made->setOperand(0, weightFor(site, moved->getOperand(0)));
  made->setLoc(builder.getUnknownLoc());
  return builder.insert(made)->getResult(0);
}

void Program::copySite(Operation *op) {
  bool isProduct = isa<ContractionOpInterface>(op);
  SmallVector<Value> operands;
  for (Value operand : op->getOperands())
    if (operand == op->getOperand(isProduct ? 1 : 0)) {
      operands.push_back(weightFor(op, operand));
    } else if (isProduct && operand == op->getOperand(0)) {
      Value &known = dataInputs[operand];
      if (!known)
        known = addInput(operand, {SegmentInput::Data, cut.placeOf(operand)});
      operands.push_back(known);
    } else {
      operands.push_back(valueFor(operand));
    }
  Operation *made = op->clone();
  made->setOperands(operands);
  made->setLoc(builder.getUnknownLoc());
  builder.insert(made);
  mapping.map(op->getResults(), made->getResults());
}

Segment Program::write() {
  MLIRContext *context = builder.getContext();
  OwningOpRef<ModuleOp> module = ModuleOp::create(builder.getUnknownLoc());
  builder.setInsertionPointToEnd(module->getBody());
  func = func::FuncOp::create(builder, builder.getUnknownLoc(), "main",
                              FunctionType::get(context, {}, {}));
  builder.setInsertionPointToStart(func.addEntryBlock());
  for (Operation *op : cut.members[number])
    if (cut.sites.contains(op))
      copySite(op);
    else
      copy(op);
  SmallVector<Value> results;
  SmallVector<Type> types;
  for (auto [place, value] : llvm::enumerate(cut.crossing)) {
    Operation *op = value.getDefiningOp();
    if (!op || cut.segmentOf.lookup(op) != number)
      continue;
    segment.outputs.push_back(place);
    results.push_back(mapping.lookup(value));
    types.push_back(results.back().getType());
  }
  func::ReturnOp::create(builder, builder.getUnknownLoc(), results);
  func.setFunctionType(FunctionType::get(context, func.getArgumentTypes(), types));
  for (size_t i = 0; i < results.size(); ++i)
    func.setResultAttr(i, "nn.name", builder.getStringAttr(segmentOutputName(i)));
  llvm::raw_string_ostream stream(segment.program);
  (void)writeBytecodeToFile(*module, stream); // fails for no stream and no version asked for
  return std::move(segment);
}

Segments compress::cutIntoSegments(ModuleOp module, const Plan &plan) {
  return Cut(entryOf(module), plan).write();
}

ElementsAttr compress::weightOf(ModuleOp module, size_t site) {
  return SiteWeight::match(blockSitesOf(entryOf(module))[site])->constant.getValue();
}

std::vector<float> compress::valuesInOrder(ModuleOp module, size_t site, const BlockCodes &codes,
                                           const BlockFormat &format) {
  SiteWeight weight = *SiteWeight::match(blockSitesOf(entryOf(module))[site]);
  auto type = NNBuilder::typeOf(weight.constant);
  int64_t rows = type.getDimSize(weight.outputs), depth = type.getDimSize(weight.channels);
  std::vector<float> values(rows * depth);
  for (int64_t row = 0; row < rows; ++row) {
    std::vector<float> numbers = codes.getRow(row, depth, format);
    for (int64_t k = 0; k < depth; ++k)
      values[weight.outputs == 0 ? row * depth + k : k * rows + row] = numbers[k];
  }
  return values;
}

std::string compress::gramProgram(int64_t depth) {
  std::string rows = "tensor<?x" + std::to_string(depth) + "xf32>";
  std::string across = "tensor<" + std::to_string(depth) + "x?xf32>";
  std::string square = "tensor<" + std::to_string(depth) + "x" + std::to_string(depth) + "xf32>";
  auto named = [](const std::string &type, const char *name, const char *dims) {
    return type + " {" + dims + "nn.name = \"" + name + "\"}";
  };
  const char *dims = "nn.dims = [\"rows\", \"\"], ";
  auto product = [&](const char *result, const char *right) {
    return std::string("%") + result + " = nn.matmul %t, %" + right + " : (" + across + ", " +
           rows + ") -> " + square + "\n";
  };
  return "func.func @main(%x: " + named(rows, "x", dims) + ", %y: " + named(rows, "y", dims) +
         ") -> (" + named(square, "gram", "") + ", " + named(square, "cross", "") + ") {\n" +
         "%t = nn.transpose %x [1, 0] : " + rows + " -> " + across + "\n" + product("gram", "x") +
         product("cross", "y") + "return %gram, %cross : " + square + ", " + square + "\n}\n";
}
