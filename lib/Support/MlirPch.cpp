// Carries the precompiled header that the MLIR-using libraries share.
#include "lib/Support/MlirPch.h"
