/* SPDX-License-Identifier: GPL-2.0 */
/* What the ring's tests share: guarded shared memory and checkable messages. */
#ifndef RING_UTIL_H
#define RING_UTIL_H

#include <signal.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <time.h>

#include <ipcchan/ring.h>

#include "tap.h"

#define MSEC		1000000LL
#define SEC		1000000000LL

#if defined(__SANITIZE_THREAD__)
#define UNDER_TSAN	1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define UNDER_TSAN	1
#endif
#endif
#ifndef UNDER_TSAN
#define UNDER_TSAN	0
#endif

#if defined(__SANITIZE_ADDRESS__) || UNDER_TSAN
#define SANITIZED	1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED	1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED	0
#endif

/* IPCCHAN_TEST_SCALE is the length of what is long, in percent. */
static uint64_t scale_percent = 100;

static void __attribute__((__constructor__)) scale_init(void)
{
	const char *env = getenv("IPCCHAN_TEST_SCALE");

	if (env && *env)
		scale_percent = strtoul(env, NULL, 10);
}

/* messages of a long run: a sanitizer makes each a lot dearer */
#define SCALE(n)	((n) * scale_percent / (SANITIZED ? 800 : 100))

/*
 * @size bytes, a multiple of 64, that children share, with a page that cannot
 * be touched on either side: directly behind them, or directly before them with
 * @at_start.  Never given back: a test program is short.
 */
static inline void *shared_mem(size_t size, bool at_start)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t room = (size + page - 1) / page * page;
	char *area = mmap(NULL, room + 2 * page, PROT_NONE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int fd = memfd_create("ring", MFD_CLOEXEC);

	if (area == MAP_FAILED || fd < 0 || ftruncate(fd, (off_t)room) ||
	    mmap(area + page, room, PROT_READ | PROT_WRITE,
		 MAP_SHARED | MAP_FIXED, fd, 0) == MAP_FAILED) {
		printf("Bail out! no shared memory\n");
		exit(1);
	}
	close(fd);
	return at_start ? area + page : area + page + room - size;
}

/* A formatted ring of @capacity bytes, its positions set to @start. */
static inline struct ipcchan_ring_shared *ring_new(size_t capacity,
						   uint32_t flags,
						   uint64_t start)
{
	size_t size = ipcchan_ring_mem_size(capacity);
	struct ipcchan_ring_shared *shared = shared_mem(size, false);

	EXPECT_EQ(ipcchan_ring_format(shared, size, flags), 0);
	shared->tail = start;
	shared->head = start;
	return shared;
}

/* Attach with a futex to sleep on.  Return: as ipcchan_ring_attach(). */
static inline int ring_attach(struct ipcchan_ring *ring,
			      struct ipcchan_ring_shared *shared,
			      enum ipcchan_ring_side side)
{
	struct ipcchan_bell bell = ipcchan_bell_futex();

	return ipcchan_ring_attach(ring, shared, sizeof(*shared) +
				   (size_t)shared->capacity, side, &bell);
}

/* unlike SIG_IGN it interrupts what sleeps */
static inline void signal_ignore(int sig)
{
	(void)sig;
}

static inline int64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * SEC + ts.tv_nsec;
}

/* Send SIGUSR1, which does nothing, every @usec microseconds; 0 to stop. */
static inline void signal_every(long usec)
{
	static timer_t timer;
	static bool made;
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL,
				  .sigev_signo = SIGUSR1 };
	struct itimerspec spec = { { 0, usec * 1000 }, { 0, usec * 1000 } };

	if (!made) {
		struct sigaction act = { .sa_handler = signal_ignore };

		EXPECT_EQ(sigaction(SIGUSR1, &act, NULL), 0);
		EXPECT_EQ(timer_create(CLOCK_MONOTONIC, &event, &timer), 0);
		made = true;
	}
	EXPECT_EQ(timer_settime(timer, 0, &spec, NULL), 0);
}

static inline unsigned long from_env(const char *name, unsigned long fallback)
{
	const char *value = getenv(name);

	return value ? strtoul(value, NULL, 0) : fallback;
}

/* xorshift64*: the state must not be 0 */
static inline uint64_t rnd(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 0x2545f4914f6cdd1dULL;
}

#define PATTERN_SIZE	65536u
#define PATTERN_PERIOD	4093u

/* Bytes that differ from one message number to the next. */
static inline const unsigned char *pattern(uint64_t seq)
{
	static unsigned char bytes[PATTERN_SIZE + PATTERN_PERIOD];
	static int ready;
	uint64_t state = 88172645463325252ULL;
	size_t i;

	/* called once before any thread exists, see pattern_init() */
	if (!ready) {
		for (i = 0; i < sizeof(bytes); i++)
			bytes[i] = (unsigned char)(rnd(&state) >> 32);
		ready = 1;
	}
	return bytes + seq % PATTERN_PERIOD;
}

static inline void pattern_init(void)
{
	(void)pattern(0);
}

/* Message number @seq of @len bytes: the number as far as it fits, the pattern. */
static inline void msg_fill(void *msg, size_t len, uint64_t seq)
{
	memcpy(msg, pattern(seq), len);
	if (len >= sizeof(seq))
		memcpy(msg, &seq, sizeof(seq));
}

static inline bool msg_ok(const void *msg, size_t len, uint64_t seq)
{
	size_t skip = len >= sizeof(seq) ? sizeof(seq) : 0;

	return !memcmp(msg, &seq, skip) &&
	       !memcmp((const char *)msg + skip, pattern(seq) + skip, len - skip);
}

/* The length of message number @seq: mostly short, 1 to @max. */
static inline size_t msg_len(uint64_t seq, size_t max)
{
	uint64_t state = seq * 0x9e3779b97f4a7c15ULL + 1;
	uint64_t r = rnd(&state);
	size_t most = r % 64 == 0 || max < 128 ? max : 128;

	return 1 + (size_t)(r >> 8) % most;
}

#endif /* RING_UTIL_H */
