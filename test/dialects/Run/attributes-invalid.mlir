// RUN: optc-opt %s --split-input-file --verify-diagnostics

// expected-error @+1 {{[run.attribute.R1] has 'run.entri', which is unknown, of another type, or at another place}}
func.func @misspelled() attributes {run.entri = #run.entry} { return }

// -----

// expected-error @+1 {{[run.attribute.R1] has 'run.entry', which is unknown, of another type}}
func.func @of_another_type() attributes {run.entry} { return }

// -----

// expected-error @+1 {{[run.attribute.R1] has 'run.weights'}}
func.func @at_another_place() attributes {run.weights = #run.weights<values = [], offsets = []>} { return }

// -----

// expected-error @+1 {{[run.attribute.R1] an argument has 'run.kernel', which is unknown or of another type}}
func.func @argument(%x: memref<?xi8> {run.kernel}) { return }

// -----

// expected-error @+1 {{[run.attribute.R2] has fewer arguments than the 2 inputs of its entry}}
func.func @inputs(%x: tensor<f32>) attributes {run.entry = #run.entry<inputs = 2, outputs = 0>} { return }

// -----

// expected-error @+1 {{[run.attribute.R2] its entry names the function @nowhere, which does not exist}}
func.func @sizes() attributes {run.entry = #run.entry<sizes = @nowhere, lifetimes = []>} { return }

// -----

// expected-error @+1 {{[run.attribute.R2] 1 inputs and -1 outputs}}
func.func @half() attributes {run.entry = #run.entry<inputs = 1>} { return }

// -----

// expected-error @+1 {{[run.attribute.R2] sizes and lifetimes of buffers come together}}
func.func @apart() attributes {run.entry = #run.entry<sizes = @apart>} { return }

// -----

// expected-error @+1 {{[run.attribute.R2] lifetimes are pairs of a first and a last tick}}
func.func @ticks() attributes {run.entry = #run.entry<sizes = @ticks, lifetimes = [3, 1]>} { return }

// -----

// expected-error @+1 {{[run.attribute.R2] 2 of 1 kernels are not counted}}
func.func @counted() attributes {run.entry = #run.entry<work = @counted, kernels = 1, uncounted = 2>} { return }

// -----

// expected-error @+1 {{[run.attribute.R2] names and families are one string per kernel}}
func.func @names() attributes {run.entry = #run.entry<work = @names, kernels = 2, names = ["a"]>} { return }

// -----

// expected-error @+1 {{[run.attribute.R3] there are 1 constants and 0 offsets}}
module attributes {run.weights = #run.weights<values = [dense<1> : tensor<1xi8>], offsets = []>} {}

// -----

// expected-error @+1 {{[run.attribute.R3] a constant at 32 behind one that ends at 1 or later; they are aligned to 64 bytes}}
module attributes {run.weights = #run.weights<values = [dense<1> : tensor<1xi8>, dense<2> : tensor<1xi8>],
    offsets = [0, 32]>} {}
