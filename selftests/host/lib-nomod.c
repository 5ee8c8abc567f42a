// SPDX-License-Identifier: GPL-2.0
/* The library where there is no module: what it says, and the futex bell. */
#include <fcntl.h>
#include <pthread.h>

#include "ring-util.h"

static bool no_module(int err)
{
	return err == -ENOENT || err == -ENXIO || err == -ENODEV;
}

static bool module_loaded(void)
{
	if (access(IPCCHAN_DEV_PATH, F_OK))
		return false;
	tap_skip("the module is loaded");
	return true;
}

static void test_open(void)
{
	struct ipcchan_opts anon = { .flags = IPCCHAN_ATTACH_ANON };
	struct ipcchan_opts recv = { .role = IPCCHAN_ROLE_RECV, .nonblock = 1 };
	struct ipcchan *chan = (struct ipcchan *)&anon;

	if (module_loaded())
		return;
	errno = 4711;
	EXPECT(no_module(ipcchan_open(&chan, "some", NULL)));
	EXPECT(no_module(ipcchan_open(&chan, NULL, &anon)));
	EXPECT(no_module(ipcchan_open(&chan, "some", &recv)));
	EXPECT_EQ(errno, 4711);
	EXPECT(chan == (struct ipcchan *)&anon);
}

static void test_query_unlink(void)
{
	struct ipcchan_query query;

	if (module_loaded())
		return;
	errno = 4711;
	EXPECT(no_module(ipcchan_query(&query)));
	EXPECT(no_module(ipcchan_unlink("some")));
	EXPECT_EQ(errno, 4711);
}

static void test_names(void)
{
	char name[IPCCHAN_NAME_SIZE + 1];
	struct ipcchan *chan;

	EXPECT_EQ(ipcchan_open(&chan, NULL, NULL), -EINVAL);
	EXPECT_EQ(ipcchan_open(&chan, "", NULL), -EINVAL);
	EXPECT_EQ(ipcchan_unlink(NULL), -EINVAL);
	EXPECT_EQ(ipcchan_unlink(""), -EINVAL);
	memset(name, 'x', sizeof(name));
	name[IPCCHAN_NAME_SIZE] = 0;
	EXPECT_EQ(ipcchan_open(&chan, name, NULL), -ENAMETOOLONG);
	EXPECT_EQ(ipcchan_unlink(name), -ENAMETOOLONG);
	if (module_loaded())
		return;
	name[IPCCHAN_NAME_SIZE - 1] = 0;
	EXPECT(no_module(ipcchan_open(&chan, name, NULL)));
	EXPECT(no_module(ipcchan_unlink(name)));
}

static void test_close_null(void)
{
	errno = 4711;
	ipcchan_close(NULL);
	EXPECT_EQ(errno, 4711);
}

/* a header holds what it was given, nothing of what it held before */
static void test_headers(void)
{
	struct ipcchan_msghdr msg, zero = { 0 };
	int fds[2] = { 3, 4 };

	memset(&msg, 0xff, sizeof(msg));
	ipcchan_msg_init(&msg, fds, sizeof(fds));
	EXPECT_EQ(msg.buf, (uintptr_t)fds);
	EXPECT_EQ(msg.len, sizeof(fds));
	ipcchan_msg_fds(&msg, fds, 2);
	EXPECT_EQ(msg.fds, (uintptr_t)fds);
	EXPECT_EQ(msg.nr_fds, 2);
	ipcchan_msg_init(&msg, NULL, 0);
	EXPECT(!memcmp(&msg, &zero, sizeof(msg)));
	/* too long stays too long, on a machine of 64 bits too */
	ipcchan_msg_init(&msg, fds, SIZE_MAX);
	EXPECT_EQ(msg.len, UINT32_MAX);
	EXPECT_EQ(ipcchan_reply_error(NULL, 1, 0), -EINVAL);
	EXPECT_EQ(ipcchan_reply_error(NULL, 1, -EIO), -EINVAL);
}

static void test_bell_errors(void)
{
	struct ipcchan_bell bell = ipcchan_bell_futex();
	uint32_t words[2] = { 1, 1 };
	const uint32_t *odd = (const void *)((const char *)words + 2);

	errno = 4711;
	EXPECT_EQ(bell.fd, -1);
	EXPECT_EQ(ipcchan_bell_wait(&bell, words, 0, IPCCHAN_WAIT_FOREVER), -EAGAIN);
	EXPECT_EQ(ipcchan_bell_wait(&bell, words, 1, -2), -EINVAL);
	EXPECT_EQ(ipcchan_bell_wait(&bell, odd, 1, 0), -EINVAL);
	EXPECT_EQ(ipcchan_bell_wake(&bell, odd, 1), -EINVAL);
	EXPECT_EQ(ipcchan_bell_wake(&bell, words, 0), -EINVAL);
	EXPECT_EQ(ipcchan_bell_wake(&bell, words, 1), 0);
	EXPECT_EQ(ipcchan_bell_wake(&bell, words, UINT32_MAX), 0);
	EXPECT_EQ(ipcchan_bell_wait(&bell, words, 1, 0), -ETIMEDOUT);
	EXPECT_EQ(ipcchan_bell_eventfd(&bell, words, 0, 1), -EOPNOTSUPP);
	EXPECT_EQ(ipcchan_bell_watch(&bell, words, 0), -EOPNOTSUPP);
	EXPECT_EQ(errno, 4711);
}

/* a channel's bell on a descriptor that is none */
static void test_bell_chan_errors(void)
{
	static uint32_t word = 1;
	struct ipcchan_bell bell = { .fd = 4711, .base = (const char *)&word };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	EXPECT_EQ(ipcchan_bell_wait(&bell, &word, 1, 0), -EBADF);
	EXPECT_EQ(ipcchan_bell_wake(&bell, &word, 1), -EBADF);
	EXPECT_EQ(ipcchan_bell_wake(&bell, &word, 0), -EINVAL);
	EXPECT_EQ(ipcchan_bell_wait(&bell, &word, 1, -2), -EINVAL);
	bell.fd = null;
	EXPECT_EQ(ipcchan_bell_wait(&bell, &word, 1, 0), -ENOTTY);
	EXPECT_EQ(ipcchan_bell_wake(&bell, &word, 1), -ENOTTY);
	EXPECT_EQ(ipcchan_bell_eventfd(&bell, &word, 0, 1), -ENOTTY);
	EXPECT_EQ(ipcchan_bell_watch(&bell, &word, 0), -ENOTTY);
	close(null);
}

static void test_bell_timeout(void)
{
	struct ipcchan_bell bell = ipcchan_bell_futex();
	uint32_t word = 7;
	int64_t start = now_ns();

	EXPECT_EQ(ipcchan_bell_wait(&bell, &word, 7, 20 * MSEC), -ETIMEDOUT);
	EXPECT(now_ns() - start >= 20 * MSEC);
}

static void test_bell_signal(void)
{
	struct ipcchan_bell bell = ipcchan_bell_futex();
	uint32_t word = 7;

	signal_every(10000);
	EXPECT_EQ(ipcchan_bell_wait(&bell, &word, 7, 10 * SEC), -EINTR);
	EXPECT_EQ(ipcchan_bell_wait(&bell, &word, 7, IPCCHAN_WAIT_FOREVER), -EINTR);
	signal_every(0);
}

static void *bell_sleeper(void *arg)
{
	struct ipcchan_bell bell = ipcchan_bell_futex();
	uint32_t *word = arg;

	while (__atomic_load_n(word, __ATOMIC_SEQ_CST) == 1) {
		int ret = ipcchan_bell_wait(&bell, word, 1, IPCCHAN_WAIT_FOREVER);

		if (ret && ret != -EAGAIN)
			return (void *)(intptr_t)ret;
	}
	return NULL;
}

static void test_bell_wake(void)
{
	struct ipcchan_bell bell = ipcchan_bell_futex();
	uint32_t word = 1;
	pthread_t threads[2];
	void *ret;
	int i, woken = 0;

	for (i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, bell_sleeper, &word);
	/* the word stays: who is woken too early sleeps again */
	for (i = 0; i < 5000 && woken != 2; i++) {
		usleep(1000);
		EXPECT(ipcchan_bell_wake(&bell, &word, 1) <= 1);
		usleep(1000);
		woken = ipcchan_bell_wake(&bell, &word, UINT32_MAX);
	}
	EXPECT_EQ(woken, 2);
	__atomic_store_n(&word, 0, __ATOMIC_SEQ_CST);
	EXPECT(ipcchan_bell_wake(&bell, &word, UINT32_MAX) >= 0);
	for (i = 0; i < 2; i++) {
		pthread_join(threads[i], &ret);
		EXPECT(!ret);
	}
}

static const struct tap_test tests[] = {
	{ "open says that there is no module", test_open },
	{ "query and unlink say that there is no module", test_query_unlink },
	{ "bad names are refused", test_names },
	{ "close of NULL", test_close_null },
	{ "headers of messages", test_headers },
	{ "futex bell: errors, errno untouched", test_bell_errors },
	{ "channel bell on a bad descriptor", test_bell_chan_errors },
	{ "futex bell: timeout", test_bell_timeout },
	{ "futex bell: a signal ends the wait", test_bell_signal },
	{ "futex bell: wake", test_bell_wake },
};

int main(int argc, char **argv)
{
	return tap_main(argc, argv, tests, ARRAY_SIZE(tests), 30);
}
