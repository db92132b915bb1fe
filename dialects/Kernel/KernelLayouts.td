//===- KernelLayouts.td - layouts of packed operands ----------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// How weights lie in memory when a target has packed them.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_KERNEL_LAYOUTS_TD
#define OPTC_KERNEL_LAYOUTS_TD

include "dialects/Kernel/KernelDialect.td"
include "mlir/IR/AttrTypeBase.td"

class Kernel_Attr<string name, string attrMnemonic, list<Trait> traits = []>
    : AttrDef<Kernel_Dialect, name, traits> {
  let mnemonic = attrMnemonic;
}

def Kernel_PanelsAttr : Kernel_Attr<"Panels", "panels"> {
  let summary = "a [K, N] matrix cut into panels of `width` columns";
  let description = [{
    A packed matrix is a 1-D tensor: the panels one after the other, each of them [K][width]
    row-major. The last panel is as wide as what is left, rounded up to a multiple of
    `align` and filled with zeros; so the whole has K * roundUp(N, align) elements and panel
    p starts at p * width * K. With groups, each group is packed so, one after the other.

    Example (K = 2, N = 5, width 2, align 1): the matrix

    ```
    a b c d e
    f g h i j
    ```
    is stored as `a b f g | c d h i | e j`.

    With `interleave`, as many neighbouring rows as it says stand side by side, column by column:
    a panel is [K / interleave][width][interleave]. K is a multiple of it. The example with
    `interleave 2` is stored as `a f b g | c h d i | e j`.
  }];
  let parameters = (ins "int64_t":$width, DefaultValuedParameter<"int64_t", "8">:$align,
                        DefaultValuedParameter<"int64_t", "1">:$interleave);
  let builders = [AttrBuilder<(ins "int64_t":$width, "int64_t":$align,
                                   CArg<"int64_t", "1">:$interleave), [{
    return $_get($_ctxt, width, align, interleave);
  }]>];
  let skipDefaultBuilders = 1;
  let assemblyFormat = "`<` $width (`interleave` $interleave^)? (`,` `align` `=` $align^)? `>`";
  let extraClassDeclaration = [{
    /// Columns stored for a matrix of `columns` columns.
    int64_t getStoredColumns(int64_t columns) const {
      return ::llvm::divideCeil(columns, getAlign()) * getAlign();
    }
  }];
  let genVerifyDecl = 1;
}

def Kernel_TapsAttr : Kernel_Attr<"Taps", "taps"> {
  let summary = "depthwise filters, one row of channels per tap";
  let description = [{
    The filters of a depthwise convolution (one per channel) as a 1-D tensor of
    [taps][channels], taps in row-major order of the window.
  }];
  let parameters = (ins);
  let assemblyFormat = "";
}

def Kernel_WinogradAttr : Kernel_Attr<"Winograd", "winograd"> {
  let summary = "3x3 filters transformed for Winograd convolution of `tile` x `tile` outputs";
  let description = [{
    The filters [O, C, 3, 3] of a convolution, each 3x3 window g replaced by the
    (tile + 2) x (tile + 2) window G g G^T of WinogradTransform.h, computed in double precision
    and rounded to f32. Stored as the matrix [positions x C, O] (c fastest) in `panels`; where these
    interleave rows, which a filter of bf16 allows, all of it is rounded to bf16.

    Example: `#kernel.winograd<4, panels = <32>>` takes 36 x C x roundUp(O, 8) elements.
  }];
  let parameters = (ins "int64_t":$tile, "::optc::kernel::PanelsAttr":$panels);
  let assemblyFormat = "`<` $tile `,` `panels` `=` $panels `>`";
  let extraClassDeclaration = [{
    /// Elements of a transformed window.
    int64_t getPositions() const { return (getTile() + 2) * (getTile() + 2); }
    /// Whether it is for products of bf16 pairs.
    bool isPaired() const { return getPanels().getInterleave() > 1; }
  }];
  let genVerifyDecl = 1;
}

def Kernel_Layout : AnyAttrOf<[Kernel_PanelsAttr, Kernel_TapsAttr, Kernel_WinogradAttr],
                              "layout of a packed operand">;

#endif // OPTC_KERNEL_LAYOUTS_TD
