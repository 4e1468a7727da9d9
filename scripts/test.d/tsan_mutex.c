// Tells ThreadSanitizer of the locks that Swift's Mutex takes and gives back inside its own library.
//
// What Mutex does when nobody contends is compiled into our code, where the sanitizer sees it; the rest lies in
// libswiftSynchronization, which is not built with it, and every value behind a contended lock would be called a race.
// Preloaded by scripts/test --long, never linked.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>

#define SWIFT __attribute__((swiftcall))
#define CONTEXT __attribute__((swift_context))
#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define TRY "$s15Synchronization12_MutexHandleV12_tryLockSlowSbyF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

// Not there in programs that are started under the same environment and are built without the sanitizer.
extern void __tsan_acquire(void *address) __attribute__((weak));
extern void __tsan_release(void *address) __attribute__((weak));

typedef SWIFT void (*lock_function)(uint32_t thread, CONTEXT void *mutex);
typedef SWIFT bool (*try_function)(CONTEXT void *mutex);
typedef SWIFT void (*unlock_function)(CONTEXT void *mutex);

SWIFT void lock_slow(uint32_t thread, CONTEXT void *mutex) __asm__(LOCK);
SWIFT bool try_lock_slow(CONTEXT void *mutex) __asm__(TRY);
SWIFT void unlock_slow(CONTEXT void *mutex) __asm__(UNLOCK);

SWIFT void lock_slow(uint32_t thread, CONTEXT void *mutex) {
    ((lock_function)dlsym(RTLD_NEXT, LOCK))(thread, mutex);
    __tsan_acquire(mutex);
}

SWIFT bool try_lock_slow(CONTEXT void *mutex) {
    bool taken = ((try_function)dlsym(RTLD_NEXT, TRY))(mutex);
    if (taken && __tsan_acquire) __tsan_acquire(mutex);
    return taken;
}

SWIFT void unlock_slow(CONTEXT void *mutex) {
    if (__tsan_release) __tsan_release(mutex);
    ((unlock_function)dlsym(RTLD_NEXT, UNLOCK))(mutex);
}
