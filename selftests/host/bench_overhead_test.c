// SPDX-License-Identifier: GPL-2.0
/*
 * The benchmark with transports whose ping-pong is a loop written by hand, beside its own:
 * the same calls and the same work on the bytes, and nothing of its driver.  Built and run
 * by bench-overhead.sh.
 */
#include <argp.h>
#include <errno.h>
#include <mqueue.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/payload.h"
#include "bench/relax.h"
#include "bench/touch.h"
#include "bench/transports/fd.h"
#include "bench/transports/memory.h"
#include "bench/transports/rings.h"
#include "bench/transports/slots.h"
#include "bench/workload.h"
#include "cli.h"

#define LOOP	static inline __attribute__((always_inline))

/* Messages before those that are measured, of each of these */
#define WARM_UP	4

const char *argp_program_version = "test";

extern const struct transport transport_pipe, transport_unix_seqpacket, transport_posix_mq,
	transport_eventfd, transport_shm_spin;

/* One of the five ways; both return false when they fail */
struct way {
	/* round trips between two readings of the clock */
	uint32_t block;
	bool (*send)(struct link *link, const struct payload_form *form, uint64_t base);
	bool (*recv)(struct link *link, const struct payload_form *form, uint64_t base);
};

LOOP bool turns(struct link *link, const struct way *way, int side, uint64_t *seq, uint64_t n)
{
	const struct payload_form form = payload_form(PAYLOAD_TOUCH, link->size);

	for (; n; n--) {
		uint64_t base = payload_base((*seq)++);

		if (!side && !way->send(link, &form, base))
			return false;
		if (!way->recv(link, &form, base))
			return false;
		if (side && !way->send(link, &form, base))
			return false;
	}
	return true;
}

/* What the clock takes that is read is none of the time of a bare loop */
LOOP int run(const struct run_plan *plan, struct run_shared *shared, struct link *link,
	     int side, const struct way *way)
{
	uint64_t blocks = plan->messages / way->block, *ns = calloc(blocks, sizeof(*ns));
	uint64_t clock = (uint64_t)(plan->clock.cost_ns + 0.5), seq = 0, start, i;

	if (!ns)
		return CHILD_FAILED;
	workload_handshake(&shared->arrived, SIDES);
	if (!turns(link, way, side, &seq, blocks / WARM_UP * way->block))
		return CHILD_FAILED;
	workload_handshake(&shared->arrived, SIDES);
	for (i = 0; i < blocks; i++) {
		start = clock_ns();
		if (!turns(link, way, side, &seq, way->block))
			return CHILD_FAILED;
		ns[i] = clock_ns() - start - clock;
	}
	for (i = 0; !side && i < blocks; i++) {
		shared->wall_ns += ns[i];
		hist_record(&shared->hist, ns[i]);
	}
	if (!side) {
		shared->messages = blocks * way->block;
		atomic_store(&shared->batch, way->block);
	}
	free(ns);
	workload_handshake(&shared->arrived, SIDES);
	return CHILD_OK;
}

#define RUN(name, block)								\
static int name##_run(const struct run_plan *plan, struct run_shared *shared,		\
		      struct link *link, int side)					\
{											\
	const struct way way = { block, name##_send, name##_recv };			\
											\
	return run(plan, shared, link, side, &way);					\
}

LOOP bool pipe_send(struct link *link, const struct payload_form *form, uint64_t base)
{
	payload_write(form, link->tx_buf, base);
	return write(link->tx_fd, link->tx_buf, form->size) == (ssize_t)form->size;
}

LOOP bool pipe_recv(struct link *link, const struct payload_form *form, uint64_t base)
{
	return read(link->rx_fd, link->rx_buf, form->size) == (ssize_t)form->size &&
	       payload_read(form, link->rx_buf, base);
}

LOOP bool unix_send(struct link *link, const struct payload_form *form, uint64_t base)
{
	payload_write(form, link->tx_buf, base);
	return send(link->tx_fd, link->tx_buf, form->size, MSG_NOSIGNAL) ==
	       (ssize_t)form->size;
}

LOOP bool unix_recv(struct link *link, const struct payload_form *form, uint64_t base)
{
	return recv(link->rx_fd, link->rx_buf, form->size, MSG_TRUNC) == (ssize_t)form->size &&
	       payload_read(form, link->rx_buf, base);
}

LOOP bool mqueue_send(struct link *link, const struct payload_form *form, uint64_t base)
{
	payload_write(form, link->tx_buf, base);
	return !mq_send(link->tx_fd, link->tx_buf, form->size, 0);
}

LOOP bool mqueue_recv(struct link *link, const struct payload_form *form, uint64_t base)
{
	return mq_receive(link->rx_fd, link->rx_buf, form->size, NULL) ==
	       (ssize_t)form->size && payload_read(form, link->rx_buf, base);
}

/* As many slots as the benchmark has, as they shall be in the same caches, and two eventfds */
static int bells[SIDES] = { -1, -1 };
static struct slots slots[SIDES];
static size_t slots_size;

static int bell_setup(struct link *link)
{
	unsigned int nr = slots_count(link, UINT32_MAX);
	int side;

	slots_size = slots_bytes(link, nr);
	link->priv = fd_memory(SIDES * slots_size);
	for (side = 0; side < SIDES; side++) {
		bells[side] = eventfd(0, EFD_CLOEXEC);
		slots_init(&slots[side], link, (char *)link->priv + (size_t)side * slots_size, nr);
	}
	return link->priv && bells[0] >= 0 && bells[1] >= 0 ? 0 :
	       link_refuse(link, -errno, "eventfd: %s", strerror(errno));
}

static int bell_attach(struct link *link, int side)
{
	link->tx_fd = bells[side];
	link->rx_fd = bells[!side];
	link->tx_buf = &slots[side];
	link->rx_buf = &slots[!side];
	memory_touch(link->priv, SIDES * slots_size);
	return 0;
}

static void bell_teardown(struct link *link)
{
	if (link->priv)
		munmap(link->priv, SIDES * slots_size);
	link->priv = NULL;
	fd_close(&bells[0]);
	fd_close(&bells[1]);
}

LOOP bool bell_send(struct link *link, const struct payload_form *form, uint64_t base)
{
	const uint64_t once = 1;

	payload_write(form, slots_at(link->tx_buf), base);
	slots_go_on(link->tx_buf);
	return write(link->tx_fd, &once, sizeof(once)) == sizeof(once);
}

LOOP bool bell_recv(struct link *link, const struct payload_form *form, uint64_t base)
{
	uint64_t rung;
	bool good;

	good = read(link->rx_fd, &rung, sizeof(rung)) == sizeof(rung) &&
	       payload_read(form, slots_at(link->rx_buf), base);
	slots_go_on(link->rx_buf);
	return good;
}

LOOP bool ring_send(struct link *link, const struct payload_form *form, uint64_t base)
{
	struct rings *rings = link->priv;
	void *msg;
	int err;

	while ((err = ipcchan_ring_reserve(&rings->tx, form->size, &msg)) == -EAGAIN)
		spin_relax();
	if (err)
		return false;
	payload_write(form, msg, base);
	return !ipcchan_ring_commit(&rings->tx);
}

LOOP bool ring_recv(struct link *link, const struct payload_form *form, uint64_t base)
{
	struct rings *rings = link->priv;
	const void *msg;
	ssize_t len;
	bool good;

	while ((len = ipcchan_ring_peek(&rings->rx, &msg)) == -EAGAIN)
		spin_relax();
	good = len == (ssize_t)form->size && payload_read(form, msg, base);
	return !ipcchan_ring_release_more(&rings->rx) && good;
}

RUN(pipe, 1)
RUN(unix, 1)
RUN(mqueue, 1)
RUN(bell, 1)
RUN(ring, 32)

static struct transport bare[5];

const struct transport *const transports[] = {
	&transport_pipe, &transport_unix_seqpacket, &transport_posix_mq, &transport_eventfd,
	&transport_shm_spin, &bare[0], &bare[1], &bare[2], &bare[3], &bare[4], NULL,
};

static const char *const names[] = {
	"bare-pipe", "bare-unix-seqpacket", "bare-posix-mq", "bare-eventfd", "bare-shm-spin",
};

static int (*const runs[])(const struct run_plan *plan, struct run_shared *shared,
			   struct link *link, int side) = {
	pipe_run, unix_run, mqueue_run, bell_run, ring_run,
};

int main(int argc, char **argv)
{
	size_t i;

	argp_err_exit_status = EXIT_USAGE;
	for (i = 0; i < 5; i++) {
		struct transport t = *transports[i];

		t.name = names[i];
		t.run = runs[i];
		t.stages = false;
		if (transports[i] == &transport_eventfd) {
			t.setup = bell_setup;
			t.attach = bell_attach;
			t.teardown = bell_teardown;
		}
		memcpy(&bare[i], &t, sizeof(t));
	}
	return argc < 2 ? EXIT_USAGE : cmd_bench(argc - 1, argv + 1);
}
