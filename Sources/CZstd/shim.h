// libzstd, for what agents send one another when something moves; Zstd is the only target that may import it.
#include <zstd.h>
