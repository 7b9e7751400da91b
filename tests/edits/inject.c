/* Stands before the C library's calls that change files: counts them once armed, and at a given one kills or stops the
   process, tears a write, or fails. For tests; loaded with LD_PRELOAD. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

enum { OFF, COUNT, KILL, TEAR, FAIL, FAIL_FROM, STOP };
static int mode, at, code, count;

void inject_arm(int wanted, int place, int error) { mode = wanted; at = place; code = error; count = 0; }
int inject_count(void) { mode = OFF; return count; }

static int step(void)
{
    if (mode == OFF) return 0;
    count++;
    if (count == at && (mode == KILL || mode == TEAR)) { kill(getpid(), SIGKILL); for (;;) pause(); }
    if (count == at && mode == STOP) raise(SIGSTOP);
    if ((mode == FAIL && count == at) || (mode == FAIL_FROM && count >= at)) { errno = code; return 1; }
    return 0;
}

#define REAL(type, name, ...) \
    static type (*real)(__VA_ARGS__); \
    if (!real) real = (type (*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name)
#define WRAP(name, declared, passed, ...) \
    int name declared { REAL(int, name, __VA_ARGS__); return step() ? -1 : real passed; }
#define OPEN(name) \
    int name(const char *path, int flags, ...) { \
        va_list rest; va_start(rest, flags); mode_t bits = va_arg(rest, mode_t); va_end(rest); \
        REAL(int, name, const char *, int, ...); \
        return step() ? -1 : real(path, flags, bits); }
#define OPENAT(name) \
    int name(int folder, const char *path, int flags, ...) { \
        va_list rest; va_start(rest, flags); mode_t bits = va_arg(rest, mode_t); va_end(rest); \
        REAL(int, name, int, const char *, int, ...); \
        return step() ? -1 : real(folder, path, flags, bits); }

OPEN(open)
OPEN(open64)
OPENAT(openat)
OPENAT(openat64)
WRAP(fsync, (int fd), (fd), int)
WRAP(fdatasync, (int fd), (fd), int)
WRAP(rename, (const char *a, const char *b), (a, b), const char *, const char *)
WRAP(renameat, (int x, const char *a, int y, const char *b), (x, a, y, b), int, const char *, int, const char *)
WRAP(renameat2, (int x, const char *a, int y, const char *b, unsigned f), (x, a, y, b, f), int, const char *, int, const char *, unsigned)
WRAP(link, (const char *a, const char *b), (a, b), const char *, const char *)
WRAP(linkat, (int x, const char *a, int y, const char *b, int f), (x, a, y, b, f), int, const char *, int, const char *, int)
WRAP(unlink, (const char *a), (a), const char *)
WRAP(unlinkat, (int x, const char *a, int f), (x, a, f), int, const char *, int)
WRAP(mkdir, (const char *a, mode_t m), (a, m), const char *, mode_t)
WRAP(mkdirat, (int x, const char *a, mode_t m), (x, a, m), int, const char *, mode_t)
WRAP(rmdir, (const char *a), (a), const char *)
WRAP(fchmod, (int fd, mode_t m), (fd, m), int, mode_t)
WRAP(chmod, (const char *a, mode_t m), (a, m), const char *, mode_t)
WRAP(fchown, (int fd, uid_t u, gid_t g), (fd, u, g), int, uid_t, gid_t)
WRAP(ftruncate, (int fd, off_t n), (fd, n), int, off_t)
WRAP(ftruncate64, (int fd, off_t n), (fd, n), int, off_t)

ssize_t write(int fd, const void *data, size_t size)
{
    REAL(ssize_t, write, int, const void *, size_t);
    if (mode == TEAR && count + 1 == at && size > 1) real(fd, data, size / 2);
    return step() ? -1 : real(fd, data, size);
}

int close(int fd)
{
    REAL(int, close, int);
    int before = mode;
    if (mode == FAIL || mode == FAIL_FROM) mode = COUNT;
    step();
    mode = before;
    return real(fd);
}
