// Calls of Linux that Swift's Glibc leaves out; HostIO is the only target that may import it.
#include <sys/vfs.h>
#include <sys/xattr.h>

// unistd.h has it for _GNU_SOURCE alone.
int syncfs(int descriptor);
