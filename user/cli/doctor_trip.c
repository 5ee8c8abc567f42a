// SPDX-License-Identifier: GPL-2.0
/* Doctor: does a message really go through? */
#include <errno.h>
#include <string.h>

#include <ipcchan.h>
#include <ipcchan/ring.h>

#include "doctor.h"
#include "sysroot.h"

#define TEST_MSG	"the quick brown fox jumps over the lazy dog"
#define TEST_BUF_SIZE	16384

/* What was being done when it failed, and the negative errno. */
struct failure {
	const char *doing;
	int err;
};

/* Whether @n, the result of a reception into @buf, is the test message. */
static int check_received(ssize_t n, const char *buf)
{
	if (n < 0)
		return (int)n;
	return n == sizeof(TEST_MSG) && !memcmp(buf, TEST_MSG, n) ? 0 : -EBADMSG;
}

/* Nothing here waits: the channel is non-blocking, the ring has no timeout. */
static void queue_trip(struct failure *f)
{
	const struct ipcchan_opts opts = {
		.flags = IPCCHAN_ATTACH_ANON,
		.nonblock = 1,
	};
	char buf[sizeof(TEST_MSG) + 1];
	struct ipcchan *chan;

	f->doing = "opening an anonymous channel";
	f->err = ipcchan_open(&chan, NULL, &opts);
	if (f->err)
		return;
	f->doing = "sending a message";
	f->err = ipcchan_send(chan, TEST_MSG, sizeof(TEST_MSG));
	if (!f->err) {
		f->doing = "receiving it";
		f->err = check_received(ipcchan_recv(chan, buf, sizeof(buf)), buf);
	}
	ipcchan_close(chan);
}

static void ring_trip(struct failure *f, struct ipcchan *chan)
{
	struct ipcchan_ring producer, consumer;
	char buf[sizeof(TEST_MSG) + 1];
	struct ipcchan_bell bell;
	size_t size;
	void *mem;

	f->doing = "mapping the shared buffer";
	f->err = ipcchan_map(chan, &mem, &size);
	if (!f->err)
		f->err = ipcchan_bell_chan(&bell, chan);
	if (f->err)
		return;
	f->doing = "making a ring in the shared buffer";
	f->err = ipcchan_ring_format(mem, size, 0);
	if (!f->err)
		f->err = ipcchan_ring_attach(&producer, mem, size,
					     IPCCHAN_RING_PRODUCER, &bell);
	if (!f->err)
		f->err = ipcchan_ring_attach(&consumer, mem, size,
					     IPCCHAN_RING_CONSUMER, &bell);
	if (f->err)
		return;
	f->doing = "sending through the ring";
	f->err = ipcchan_ring_send(&producer, TEST_MSG, sizeof(TEST_MSG), 0);
	if (f->err)
		return;
	f->doing = "receiving from the ring";
	f->err = check_received(ipcchan_ring_recv(&consumer, buf, sizeof(buf), 0), buf);
}

static void buffer_trip(struct failure *f)
{
	const struct ipcchan_opts opts = {
		.flags = IPCCHAN_ATTACH_ANON,
		.buf_size = TEST_BUF_SIZE,
	};
	struct ipcchan *chan;

	f->doing = "opening an anonymous channel with a shared buffer";
	f->err = ipcchan_open(&chan, NULL, &opts);
	if (f->err)
		return;
	ring_trip(f, chan);
	ipcchan_close(chan);
}

static void check_trip(struct doctor *doc, const char *name,
		       void (*trip)(struct failure *f), const char *good)
{
	struct failure f = { 0 };

	if (doctor_skip_unless(doc, name, doc->abi, "the module does not answer") ||
	    doctor_skip_unless(doc, name, sysroot_is_live(), "not the running system"))
		return;
	trip(&f);
	if (!f.err)
		doctor_report(doc, name, CHECK_OK, NULL, "%s", good);
	else
		doctor_report(doc, name, CHECK_FAIL,
			      "see what the kernel said: \"sudo dmesg | tail\"",
			      "%s failed: %s", f.doing, strerror(-f.err));
}

void doctor_check_roundtrip(struct doctor *doc)
{
	check_trip(doc, "roundtrip", queue_trip,
		   "a message went through an anonymous channel and came back whole");
}

void doctor_check_buffer(struct doctor *doc)
{
	check_trip(doc, "buffer", buffer_trip,
		   "a message went through a ring in a shared buffer");
}
