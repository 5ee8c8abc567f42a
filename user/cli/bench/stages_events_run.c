// SPDX-License-Identifier: GPL-2.0
/* What the two processes do whose messages are traced. */
#include <errno.h>

#include "clock.h"
#include "stages_events.h"

static bool send_one(struct worker *w, struct events_stamps *stamps, int trip)
{
	void *msg;
	int err = w->t->begin(w->link, &msg);

	if (err < 0)
		return worker_fail(w, "room for a message", err);
	payload_write(&w->form, msg, 0);
	stamps->begin[w->side][trip] = clock_ns();
	err = w->t->send(w->link);
	return err < 0 ? worker_fail(w, "send", err) : true;
}

static bool recv_one(struct worker *w, struct events_stamps *stamps, int trip)
{
	const void *msg;
	ssize_t len = w->t->recv(w->link, &msg);

	stamps->end[w->side][trip] = clock_ns();
	if (len < 0)
		return worker_fail(w, "receive", (int)len);
	w->msg = msg;
	if ((size_t)len != w->form.size || !payload_read(&w->form, msg, 0))
		return worker_corrupt(w, (size_t)len);
	return worker_release(w);
}

static bool ping_pong(struct worker *w, struct events_stamps *stamps)
{
	bool good = true;
	int trip;

	workload_handshake(&w->shared->arrived, SIDES);
	for (trip = 0; trip < EVENTS_TRIPS && good; trip++) {
		if (w->side) {
			good = recv_one(w, stamps, trip) && send_one(w, stamps, trip);
			continue;
		}
		stamps->trip[0][trip] = clock_ns();
		good = send_one(w, stamps, trip) && recv_one(w, stamps, trip);
		stamps->trip[1][trip] = clock_ns();
	}
	return good;
}

int stages_events_run(const struct run_plan *plan, struct run_shared *shared, struct link *link,
		      int side)
{
	const struct events_transport *t = (const struct events_transport *)link->transport;
	struct worker w = {
		.plan = plan, .shared = shared, .link = link, .t = link->transport,
		.form = payload_form(plan->payload, link->size), .side = side,
		.tx_base = payload_base(payload_tag(0, side)),
		.rx_base = payload_base(payload_tag(0, !side)),
		.why = shared->why[side],
	};

	return ping_pong(&w, t->stamps) ? CHILD_OK : w.status;
}
