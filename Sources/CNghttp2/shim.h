// The whole of libnghttp2's interface; HTTP2 is the only target that may import it.
#include <nghttp2/nghttp2.h>
