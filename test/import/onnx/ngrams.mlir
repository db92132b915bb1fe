// REQUIRES: onnx
// RUN: %import-onnx %s | FileCheck %s

// Pairs of neighbours and pairs with one item between them.

// CHECK-LABEL: // model pairs{{$}}
// CHECK: %[[a:.*]] = nn.compare eq
// CHECK: %[[b:.*]] = nn.compare eq
// CHECK: %[[both:.*]] = nn.binary and %[[a]], %[[b]]
// CHECK: nn.reduce sum %{{.*}} [1] : tensor<?x?x3xf32>
// CHECK: nn.reduce sum %{{.*}} [1] : tensor<?x?x3xf32>
// CHECK: nn.matmul %{{.*}}, %{{.*}} : (tensor<?x7xf32>, tensor<7x7xf32>)
pairs (int64[N, C] x) => (float[N, 7] y) {
  y = TfIdfVectorizer <max_gram_length = 2, max_skip_count = 1, min_gram_length = 2, mode = "TF", ngram_counts = [0, 4],
    ngram_indexes = [0, 1, 2, 3, 4, 5, 6], pool_int64s = [2, 3, 5, 4, 5, 6, 7, 8, 6, 7]> (x)
}

// -----

// CHECK-LABEL: // model indexes{{$}}
// CHECK: error: OPTC-E2002: node '/tf' (TfIdfVectorizer): it has 2 indexes for 3 n-grams
// CHECK-NEXT: // exit code 3
indexes (int64[N, C] x) => (float[N, 2] y) {
  ["/tf"] y = TfIdfVectorizer <max_gram_length = 1, max_skip_count = 0, min_gram_length = 1, mode = "TF", ngram_counts = [0],
    ngram_indexes = [0, 1], pool_int64s = [2, 3, 5]> (x)
}

// -----

// As many elements as fit into a row: others would count nothing.

// CHECK-LABEL: // model short_rows{{$}}
// CHECK: nn.reduce sum %{{.*}} [1] : tensor<?x2x1xf32>
// CHECK-NOT: nn.reduce sum
// CHECK: return
short_rows (int64[N, 3] x) => (float[N, 1] y) {
  y = TfIdfVectorizer <max_gram_length = 2, max_skip_count = 2147483648, min_gram_length = 2, mode = "TF", ngram_counts = [0, 0],
    ngram_indexes = [0], pool_int64s = [2, 3]> (x)
}

// -----

// CHECK-LABEL: // model many_skips{{$}}
// CHECK: error: OPTC-E2001: node '/tf' (TfIdfVectorizer): n-grams with a max_skip_count of 2147483648; up to 255 are supported, or shorter rows of a static length
// CHECK-NEXT: // exit code 3
many_skips (int64[N, C] x) => (float[N, 1] y) {
  ["/tf"] y = TfIdfVectorizer <max_gram_length = 2, max_skip_count = 2147483648, min_gram_length = 2, mode = "TF", ngram_counts = [0, 0],
    ngram_indexes = [0], pool_int64s = [2, 3]> (x)
}
