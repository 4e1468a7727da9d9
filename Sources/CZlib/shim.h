// zlib, for gzip-compressed gRPC messages; RPC is the only target that may import it.
#include <zlib.h>
