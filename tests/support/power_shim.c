/* Journal every change that a process makes to files under one folder, for tests/support/power_cuts.py.
 *
 * Loaded with LD_PRELOAD. POWER_FOLDER is the folder, POWER_JOURNAL the file that the changes are appended to. A record
 * is a struct `record` and then the bytes of its two texts. One lock is held from a call until its record is written,
 * so that the order of the records is that of the calls.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

struct record {
    int64_t kind, handle, offset, first_length, second_length;
};

static pthread_mutex_t lock = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static char watched[65536]; /* by handle: whether it is a file or folder that we journal */

static void put(const void *bytes, size_t length, int journal) {
    while (length > 0) {
        ssize_t written = syscall(SYS_write, journal, bytes, length);
        if (written < 0) abort();
        bytes = (const char *)bytes + written;
        length -= written;
    }
}

static void note(char kind, int64_t handle, int64_t offset, const void *first, size_t n, const void *second, size_t m) {
    int saved = errno;
    int journal = syscall(SYS_openat, AT_FDCWD, getenv("POWER_JOURNAL"), O_WRONLY | O_APPEND | O_CREAT, 0600);
    if (journal < 0) abort();
    struct record record = {kind, handle, offset, n, m};
    put(&record, sizeof record, journal);
    put(first, n, journal);
    put(second, m, journal);
    syscall(SYS_close, journal);
    errno = saved;
}

/* The absolute form of a path, or "" if it does not lie under the folder. */
static void absolute(int base, const char *path, char out[8192]) {
    char start[4096] = "", link[64];
    if (path[0] != '/') {
        if (base == AT_FDCWD) {
            if (!getcwd(start, sizeof start)) start[0] = 0;
        } else {
            snprintf(link, sizeof link, "/proc/self/fd/%d", base);
            ssize_t length = readlink(link, start, sizeof start - 1);
            start[length < 0 ? 0 : length] = 0;
        }
    }
    snprintf(out, 8192, path[0] == '/' ? "%s%s" : "%s/%s", start, path);
    const char *folder = getenv("POWER_FOLDER");
    if (!folder || strncmp(out, folder, strlen(folder))) out[0] = 0;
}

#define REAL(name) __typeof__(&name) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)
#define LOCKED pthread_mutex_lock(&lock)
#define DONE(result) pthread_mutex_unlock(&lock); return result
#define IS_WATCHED(handle) ((handle) >= 0 && (handle) < (int)sizeof watched && watched[handle])

static int opened(int handle, int base, const char *path, int flags) {
    char name[8192];
    absolute(base, path, name);
    if (handle < 0 || handle >= (int)sizeof watched) return handle;
    watched[handle] = name[0] != 0;
    if (name[0]) note('o', handle, (flags & O_TRUNC) != 0, name, strlen(name), "", 0);
    return handle;
}

static mode_t mode_of(int flags, va_list rest) { return flags & O_CREAT ? va_arg(rest, mode_t) : 0; }

#define OPEN(name)                                                                              \
    int name(const char *path, int flags, ...) {                                                \
        REAL(name); va_list rest; va_start(rest, flags); mode_t mode = mode_of(flags, rest); va_end(rest); \
        LOCKED; int handle = opened(real(path, flags, mode), AT_FDCWD, path, flags); DONE(handle); \
    }
OPEN(open)
OPEN(open64)
#define OPENAT(name)                                                                            \
    int name(int base, const char *path, int flags, ...) {                                      \
        REAL(name); va_list rest; va_start(rest, flags); mode_t mode = mode_of(flags, rest); va_end(rest); \
        LOCKED; int handle = opened(real(base, path, flags, mode), base, path, flags); DONE(handle); \
    }
OPENAT(openat)
OPENAT(openat64)

int close(int handle) {
    REAL(close);
    LOCKED;
    if (IS_WATCHED(handle)) { note('c', handle, 0, "", 0, "", 0); watched[handle] = 0; }
    int result = real(handle);
    DONE(result);
}

ssize_t write(int handle, const void *bytes, size_t length) {
    REAL(write);
    if (!IS_WATCHED(handle)) return real(handle, bytes, length);
    LOCKED;
    ssize_t written = real(handle, bytes, length);
    if (written > 0) note('w', handle, lseek(handle, 0, SEEK_CUR) - written, bytes, written, "", 0);
    DONE(written);
}

#define PWRITE(name)                                                                            \
    ssize_t name(int handle, const void *bytes, size_t length, off_t offset) {                  \
        REAL(name); LOCKED; ssize_t written = real(handle, bytes, length, offset);              \
        if (IS_WATCHED(handle) && written > 0) note('w', handle, offset, bytes, written, "", 0); \
        DONE(written);                                                                          \
    }
PWRITE(pwrite)
PWRITE(pwrite64)

#define FTRUNCATE(name)                                                                         \
    int name(int handle, off_t size) {                                                          \
        REAL(name); LOCKED; int result = real(handle, size);                                    \
        if (IS_WATCHED(handle) && !result) note('t', handle, size, "", 0, "", 0);               \
        DONE(result);                                                                           \
    }
FTRUNCATE(ftruncate)
FTRUNCATE(ftruncate64)

#define SYNC(name)                                                                              \
    int name(int handle) {                                                                      \
        REAL(name); LOCKED; int result = real(handle);                                          \
        if (IS_WATCHED(handle) && !result) note('s', handle, 0, "", 0, "", 0);                  \
        DONE(result);                                                                           \
    }
SYNC(fsync)
SYNC(fdatasync)

static int two(char kind, int result, int base, const char *from, int other, const char *to) {
    char first[8192], second[8192] = "";
    absolute(base, from, first);
    if (to) absolute(other, to, second);
    if (!result && (first[0] || second[0])) note(kind, 0, 0, first, strlen(first), second, strlen(second));
    return result;
}

#define HERE AT_FDCWD
int rename(const char *from, const char *to) {
    REAL(rename); LOCKED; int result = two('r', real(from, to), HERE, from, HERE, to); DONE(result);
}
int renameat(int base, const char *from, int other, const char *to) {
    REAL(renameat); LOCKED; int result = two('r', real(base, from, other, to), base, from, other, to); DONE(result);
}
int link(const char *from, const char *to) {
    REAL(link); LOCKED; int result = two('l', real(from, to), HERE, from, HERE, to); DONE(result);
}
int linkat(int base, const char *from, int other, const char *to, int flags) {
    REAL(linkat); LOCKED; int result = two('l', real(base, from, other, to, flags), base, from, other, to); DONE(result);
}
int unlink(const char *path) {
    REAL(unlink); LOCKED; int result = two('u', real(path), HERE, path, 0, 0); DONE(result);
}
int unlinkat(int base, const char *path, int flags) {
    REAL(unlinkat); LOCKED; int result = two('u', real(base, path, flags), base, path, 0, 0); DONE(result);
}
int remove(const char *path) {
    REAL(remove); LOCKED; int result = two('u', real(path), HERE, path, 0, 0); DONE(result);
}
int rmdir(const char *path) {
    REAL(rmdir); LOCKED; int result = two('u', real(path), HERE, path, 0, 0); DONE(result);
}
int mkdir(const char *path, mode_t mode) {
    REAL(mkdir); LOCKED; int result = two('m', real(path, mode), HERE, path, 0, 0); DONE(result);
}
int mkdirat(int base, const char *path, mode_t mode) {
    REAL(mkdirat); LOCKED; int result = two('m', real(base, path, mode), base, path, 0, 0); DONE(result);
}

/* Refused, so that the caller copies with read and write, or does without. Punched holes would be writes that nobody sees. */
#define REFUSED(type, name, error, ...) type name(__VA_ARGS__) { errno = error; return -1; }
REFUSED(ssize_t, sendfile, ENOTSOCK, int out, int in, off_t *offset, size_t count)
REFUSED(ssize_t, sendfile64, ENOTSOCK, int out, int in, off_t *offset, size_t count)
REFUSED(ssize_t, copy_file_range, ENOSYS, int in, off_t *a, int out, off_t *b, size_t count, unsigned flags)
REFUSED(int, fallocate, EOPNOTSUPP, int handle, int mode, off_t offset, off_t length)
REFUSED(int, fallocate64, EOPNOTSUPP, int handle, int mode, off_t offset, off_t length)

ssize_t writev(int handle, const struct iovec *parts, int count) {
    REAL(writev);
    if (IS_WATCHED(handle)) abort(); /* nothing that noshow uses writes like this; it would go unseen */
    return real(handle, parts, count);
}
