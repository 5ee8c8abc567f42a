// SPDX-License-Identifier: GPL-2.0
#include "remote_wire.h"

#include <endian.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#define MAGIC		0x69706362u
#define SEND_MS		5000

/* No number of what was measured is as large */
#define NUMBER_MOST	(1ull << 62)

struct head {
	uint32_t magic;
	uint16_t version;
	uint16_t type;
	uint32_t bytes;
};

/* What is left of @timeout_ms after @start; -1 for ever */
static int left_ms(uint64_t start, int timeout_ms)
{
	uint64_t gone = (clock_ns() - start) / 1000000;

	if (timeout_ms < 0)
		return -1;
	return gone < (uint64_t)timeout_ms ? timeout_ms - (int)gone : 0;
}

/* All of @bytes, either way, however slowly the other side goes about it */
static int transfer(int fd, bool sends, void *buf, size_t bytes, uint64_t start,
		    int timeout_ms)
{
	struct pollfd ready = { .fd = fd, .events = sends ? POLLOUT : POLLIN };
	char *at = buf;
	ssize_t n;

	while (bytes) {
		n = poll(&ready, 1, left_ms(start, timeout_ms));
		if (n == 0)
			return -ETIMEDOUT;
		if (n > 0)
			n = sends ? send(fd, at, bytes, MSG_NOSIGNAL | MSG_DONTWAIT) :
				    recv(fd, at, bytes, MSG_DONTWAIT);
		if (n == 0)
			return -EPIPE;
		/* a signal that is caught is the end of a time limit */
		if (n < 0 && errno != EAGAIN)
			return -errno;
		if (n > 0) {
			at += n;
			bytes -= (size_t)n;
		}
	}
	return 0;
}

int remote_send(int fd, enum remote_type type, uint64_t *words, size_t nr)
{
	struct head head = {
		.magic = htobe32(MAGIC), .version = htobe16(REMOTE_VERSION),
		.type = htobe16((uint16_t)type),
		.bytes = htobe32((uint32_t)(nr * sizeof(*words))),
	};
	uint64_t start = clock_ns();
	size_t i;
	int err;

	for (i = 0; i < nr; i++)
		words[i] = htobe64(words[i]);
	err = transfer(fd, true, &head, sizeof(head), start, SEND_MS);
	return err ? err : transfer(fd, true, words, nr * sizeof(*words), start, SEND_MS);
}

static int recv_head(int fd, struct head *head, uint64_t start, int timeout_ms)
{
	int err = transfer(fd, false, head, sizeof(*head), start, timeout_ms);

	if (err)
		return err;
	if (be32toh(head->magic) != MAGIC)
		return -EPROTO;
	return be16toh(head->version) == REMOTE_VERSION ? 0 : -EPROTONOSUPPORT;
}

static int recv_words(int fd, const struct head *head, uint64_t *words, size_t nr,
		      uint64_t start, int timeout_ms)
{
	size_t i;
	int err;

	if (be32toh(head->bytes) != nr * sizeof(*words))
		return -EPROTO;
	err = transfer(fd, false, words, nr * sizeof(*words), start, timeout_ms);
	for (i = 0; i < nr; i++)
		words[i] = be64toh(words[i]);
	return err;
}

int remote_recv(int fd, enum remote_type type, uint64_t *words, size_t nr, int timeout_ms)
{
	uint64_t start = clock_ns();
	struct head head = { 0 };
	int err = recv_head(fd, &head, start, timeout_ms);

	if (err)
		return err;
	if (be16toh(head.type) == REMOTE_BUSY)
		return -EBUSY;
	if (be16toh(head.type) != type)
		return -EPROTO;
	return recv_words(fd, &head, words, nr, start, timeout_ms);
}

int remote_recv_first(int fd, enum remote_type *type, uint64_t *word, int timeout_ms)
{
	uint64_t start = clock_ns();
	struct head head = { 0 };
	int err = recv_head(fd, &head, start, timeout_ms);

	if (err)
		return err;
	*type = be16toh(head.type);
	return recv_words(fd, &head, word, 1, start, timeout_ms);
}

/* Whoever has other words is another version, even if it forgot to say so */
uint64_t remote_hello_word(void)
{
	uint64_t plan = REMOTE_WORDS(struct remote_plan);

	return plan << 32 | REMOTE_WORDS(struct remote_result);
}

int remote_hello(int fd)
{
	uint64_t word = remote_hello_word();

	return remote_send(fd, REMOTE_HELLO, &word, 1);
}

const char *remote_explain(int err)
{
	switch (-err) {
	case EBUSY:
		return "it serves another client: try again later";
	case EPROTONOSUPPORT:
		return "it is another version of ipcchan bench: both hosts need the same";
	case EPROTO:
		return "it does not talk as ipcchan bench --listen does";
	case ETIMEDOUT:
		return "it does not answer";
	case EPIPE:
	case ECONNRESET:
		return "it has ended the connection";
	default:
		return strerror(-err);
	}
}

int remote_result_send(int fd, struct remote_result *result)
{
	uint64_t *words = (uint64_t *)result;
	size_t first = offsetof(struct remote_result, why) / sizeof(*words), i;

	/* text is not turned round */
	for (i = first; i < REMOTE_WORDS(*result); i++)
		words[i] = be64toh(words[i]);
	return remote_send(fd, REMOTE_RESULT, words, REMOTE_WORDS(*result));
}

static bool hist_sound(const struct hist *h)
{
	uint64_t left = h->count;
	size_t i;

	for (i = 0; i < HIST_BUCKETS; i++) {
		if (h->bucket[i] > left)
			return false;
		left -= h->bucket[i];
	}
	return !left && h->count < NUMBER_MOST && h->sum < NUMBER_MOST && h->min <= h->max &&
	       h->max < NUMBER_MOST;
}

static bool result_sound(const struct remote_result *r)
{
	int i;

	for (i = 0; i < LEDGER_NR; i++)
		if (r->value[i] >= NUMBER_MOST)
			return false;
	return r->status <= CHILD_CORRUPT && r->messages < NUMBER_MOST &&
	       r->wall_ns < NUMBER_MOST && !(r->known >> LEDGER_NR) && hist_sound(&r->hist);
}

int remote_result_recv(int fd, struct remote_result *result)
{
	uint64_t *words = (uint64_t *)result;
	size_t first = offsetof(struct remote_result, why) / sizeof(*words), i;
	int err = remote_recv(fd, REMOTE_RESULT, words, REMOTE_WORDS(*result), -1);

	if (err)
		return err;
	for (i = first; i < REMOTE_WORDS(*result); i++)
		words[i] = htobe64(words[i]);
	/* what a terminal would take for more than text is not shown */
	result->why[WHY_SIZE - 1] = '\0';
	for (i = 0; result->why[i]; i++)
		if (result->why[i] < ' ' || result->why[i] > '~')
			result->why[i] = '?';
	return result_sound(result) ? 0 : -EPROTO;
}
