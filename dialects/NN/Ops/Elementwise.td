//===- Elementwise.td - scalar functions on tensors ----------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One op per arity; what it computes per element is an attribute, so that fusion,
// quantization and code generation handle every scalar function in one way.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_NN_ELEMENTWISE_TD
#define OPTC_NN_ELEMENTWISE_TD

include "dialects/NN/NNDialect.td"

def NN_UnaryKind : I32EnumAttr<"UnaryKind", "scalar function of one argument", [
    I32EnumAttrCase<"Abs", 0, "abs">,
    I32EnumAttrCase<"Neg", 1, "neg">,
    I32EnumAttrCase<"Exp", 2, "exp">,
    I32EnumAttrCase<"Log", 3, "log">,
    I32EnumAttrCase<"Sqrt", 4, "sqrt">,
    I32EnumAttrCase<"Rsqrt", 5, "rsqrt">,
    I32EnumAttrCase<"Reciprocal", 6, "reciprocal">,
    I32EnumAttrCase<"Sin", 7, "sin">,
    I32EnumAttrCase<"Cos", 8, "cos">,
    I32EnumAttrCase<"Tan", 9, "tan">,
    I32EnumAttrCase<"Asin", 10, "asin">,
    I32EnumAttrCase<"Acos", 11, "acos">,
    I32EnumAttrCase<"Atan", 12, "atan">,
    I32EnumAttrCase<"Sinh", 13, "sinh">,
    I32EnumAttrCase<"Cosh", 14, "cosh">,
    I32EnumAttrCase<"Tanh", 15, "tanh">,
    I32EnumAttrCase<"Asinh", 16, "asinh">,
    I32EnumAttrCase<"Acosh", 17, "acosh">,
    I32EnumAttrCase<"Atanh", 18, "atanh">,
    I32EnumAttrCase<"Erf", 19, "erf">,
    I32EnumAttrCase<"Ceil", 20, "ceil">,
    I32EnumAttrCase<"Floor", 21, "floor">,
    I32EnumAttrCase<"Round", 22, "round">,
    I32EnumAttrCase<"Sign", 23, "sign">,
    I32EnumAttrCase<"Not", 24, "not">,
    I32EnumAttrCase<"IsNan", 25, "is_nan">,
    I32EnumAttrCase<"Sigmoid", 26, "sigmoid">,
    I32EnumAttrCase<"Relu", 27, "relu">,
    I32EnumAttrCase<"Softplus", 28, "softplus">
  ]> {
  let cppNamespace = "::optc::nn";
  let genSpecializedAttr = 0;
}
def NN_UnaryKindAttr : EnumAttr<NN_Dialect, NN_UnaryKind, "unary_kind">;
def NN_BinaryKind : I32EnumAttr<"BinaryKind", "scalar function of two arguments", [
    I32EnumAttrCase<"Add", 0, "add">,
    I32EnumAttrCase<"Sub", 1, "sub">,
    I32EnumAttrCase<"Mul", 2, "mul">,
    I32EnumAttrCase<"Div", 3, "div">,
    I32EnumAttrCase<"Max", 4, "max">,
    I32EnumAttrCase<"Min", 5, "min">,
    I32EnumAttrCase<"Pow", 6, "pow">,
    I32EnumAttrCase<"Mod", 7, "mod">,
    I32EnumAttrCase<"Fmod", 8, "fmod">,
    I32EnumAttrCase<"And", 9, "and">,
    I32EnumAttrCase<"Or", 10, "or">,
    I32EnumAttrCase<"Xor", 11, "xor">,
    I32EnumAttrCase<"Shl", 12, "shl">,
    I32EnumAttrCase<"Shr", 13, "shr">
  ]> {
  let cppNamespace = "::optc::nn";
  let genSpecializedAttr = 0;
}
def NN_BinaryKindAttr : EnumAttr<NN_Dialect, NN_BinaryKind, "binary_kind">;
def NN_ComparePredicate : I32EnumAttr<"ComparePredicate", "comparison", [
    I32EnumAttrCase<"Eq", 0, "eq">,
    I32EnumAttrCase<"Ne", 1, "ne">,
    I32EnumAttrCase<"Lt", 2, "lt">,
    I32EnumAttrCase<"Le", 3, "le">,
    I32EnumAttrCase<"Gt", 4, "gt">,
    I32EnumAttrCase<"Ge", 5, "ge">
  ]> {
  let cppNamespace = "::optc::nn";
  let genSpecializedAttr = 0;
}
def NN_ComparePredicateAttr : EnumAttr<NN_Dialect, NN_ComparePredicate, "compare_predicate">;

def NN_UnaryOp : NN_ElementwiseOp<"unary"> {
  let summary = "a scalar function of each element";
  let description = [{
    `result[i] = kind(input[i])`. `round` rounds half to even, `not` is logical on i1 and
    bitwise on integers, `is_nan` gives i1, `sign` gives -1, 0 or 1 (NaN for NaN),
    `relu` is `max(x, 0)`, `sigmoid` is `1 / (1 + e^-x)`, `softplus` is `log(1 + e^x)`.
    Functions that are exact compositions of these are expanded at import.

    Rules:
    - `nn.unary.R1` the result has the input's shape.

    Example:
    ```mlir
    %y = nn.unary exp %x : tensor<?x3xf32> -> tensor<?x3xf32>
    ```
  }];
  let arguments = (ins NN_UnaryKindAttr:$kind, NN_Tensor:$input);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = "$kind $input attr-dict `:` type($input) `->` type($result)";
  let hasFolder = 1;
}

def NN_BinaryOp : NN_ElementwiseOp<"binary"> {
  let summary = "a scalar function of two elements, with numpy broadcasting";
  let description = [{
    `result[i] = kind(lhs[i], rhs[i])`. Integer `div` truncates, `mod` has the sign of the
    divisor, `fmod` that of the dividend; `max` and `min` give NaN for NaN; `pow` may have
    an exponent of another type; `and or xor` are logical on i1, bitwise on integers;
    `shr` is logical on unsigned integers.

    Rules:
    - `nn.binary.R1` the shapes broadcast to each other.
    - `nn.binary.R2` the element types agree, except for `pow`, where the result has that of `lhs`.

    Example:
    ```mlir
    %y = nn.binary add %x, %b : (tensor<?x3xf32>, tensor<3xf32>) -> tensor<?x3xf32>
    ```
  }];
  let arguments = (ins NN_BinaryKindAttr:$kind, NN_Tensor:$lhs, NN_Tensor:$rhs);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = "$kind $lhs `,` $rhs attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
}

def NN_CompareOp : NN_ElementwiseOp<"compare"> {
  let summary = "compares two elements, with numpy broadcasting";
  let description = [{
    `result[i] = lhs[i] predicate rhs[i]` as i1; with a NaN only `ne` holds.

    Rules:
    - `nn.compare.R1` the shapes broadcast to each other.
    - `nn.compare.R2` the operands have one element type, the result has i1.

    Example:
    ```mlir
    %y = nn.compare lt %x, %b : (tensor<?x3xf32>, tensor<3xf32>) -> tensor<?x3xi1>
    ```
  }];
  let arguments = (ins NN_ComparePredicateAttr:$predicate, NN_Tensor:$lhs, NN_Tensor:$rhs);
  let results = (outs NN_BoolTensor:$result);
  let assemblyFormat = "$predicate $lhs `,` $rhs attr-dict `:` functional-type(operands, results)";
}

def NN_SelectOp : NN_ElementwiseOp<"select"> {
  let summary = "picks one of two elements, with numpy broadcasting";
  let description = [{
    `result[i] = condition[i] ? lhs[i] : rhs[i]`.

    Rules:
    - `nn.select.R1` the three shapes broadcast to each other.
    - `nn.select.R2` lhs, rhs and result have one element type.

    Example:
    ```mlir
    %y = nn.select %c, %x, %z : (tensor<?x3xi1>, tensor<3xf32>, tensor<f32>) -> tensor<?x3xf32>
    ```
  }];
  let arguments = (ins NN_BoolTensor:$condition, NN_Tensor:$lhs, NN_Tensor:$rhs);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = "$condition `,` $lhs `,` $rhs attr-dict `:` functional-type(operands, results)";
}

def NN_CastOp : NN_ElementwiseOp<"cast"> {
  let summary = "converts each element to another type";
  let description = [{
    Float to integer truncates toward zero, to a narrower float rounds half to even, to i1
    tests for non-zero. Integers wrap when narrowed.

    Rules:
    - `nn.cast.R1` the result has the input's shape.

    Example:
    ```mlir
    %y = nn.cast %x : tensor<?x3xf32> -> tensor<?x3xi64>
    ```
  }];
  let arguments = (ins NN_Tensor:$input);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
  let hasFolder = 1;
}

#endif // OPTC_NN_ELEMENTWISE_TD
