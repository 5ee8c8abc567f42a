// SPDX-License-Identifier: GPL-2.0
/* Calls: the test's own task serves, threads are the clients, and once the server. */

#include <linux/err.h>
#include <linux/sched/signal.h>

#include "fixture.h"
#include "rpc.h"

#define ROOM	16

static const struct ipcchan_want ipcchan_rpc_any = { .room = 64 };

static int ipcchan_rpc_run_call(struct ipcchan_sleeper *s)
{
	struct ipcchan_msg *reply = ipcchan_rpc_call(s->q, s->msg, ROOM, IPCCHAN_FOREVER);

	s->msg = NULL;
	if (IS_ERR(reply))
		return PTR_ERR(reply);
	s->msg = reply;
	return 0;
}

/* A client that sleeps on its call, which is queued, or on room for it. */
static struct ipcchan_sleeper *ipcchan_rpc_client(struct kunit *test, unsigned int i,
						  struct ipcchan_msg *request,
						  bool queued)
{
	struct ipcchan_test *t = test->priv;
	struct ipcchan_sleeper *s = &t->sleepers[i];
	unsigned int nr = ipcchan_test_waiting(&t->q, queued ? &t->q.msgs : &t->q.senders);

	s->run = ipcchan_rpc_run_call;
	s->q = &t->q;
	s->msg = request;
	ipcchan_sleeper_start(test, s);
	ipcchan_test_until(test,
			   ipcchan_test_waiting(&t->q, queued ? &t->q.msgs :
							       &t->q.senders) == nr + 1 &&
			   ipcchan_sleeper_asleep(s));
	return s;
}

static struct ipcchan_server *ipcchan_rpc_server(struct kunit *test)
{
	struct ipcchan_test *t = test->priv;
	struct ipcchan_server *server = ipcchan_server_create(&t->q, NULL);

	KUNIT_ASSERT_PTR_NE(test, server, NULL);
	return server;
}

/* Take the next request, which must be this one. */
static u64 ipcchan_rpc_take(struct kunit *test, struct ipcchan_queue *q,
			    struct ipcchan_server *server, struct ipcchan_msg *request)
{
	struct ipcchan_msg *msg;
	bool replied = false;
	size_t room = 0;

	msg = ipcchan_rpc_serve(q, server, NULL, &replied, &ipcchan_rpc_any, &room);
	KUNIT_ASSERT_PTR_EQ(test, msg, request);
	KUNIT_EXPECT_EQ(test, room, ROOM);
	KUNIT_EXPECT_EQ(test, msg->flags & IPCCHAN_HAS_CALL, 0);
	KUNIT_EXPECT_FALSE(test, replied);
	return msg->id;
}

static int ipcchan_rpc_answer(struct ipcchan_queue *q, struct ipcchan_server *server,
			      u64 id, struct ipcchan_msg *msg, int error)
{
	struct ipcchan_reply reply = { .id = id, .msg = msg, .error = error };

	return ipcchan_rpc_reply(q, server, &reply);
}

static void ipcchan_rpc_round_trip(struct kunit *test)
{
	struct ipcchan_queue *q = ipcchan_test_queue(test, 4, 64, 256);
	struct ipcchan_server *server = ipcchan_rpc_server(test);
	struct ipcchan_msg *request = ipcchan_test_msg(test, 8);
	struct ipcchan_msg *reply = ipcchan_test_msg(test, ROOM);
	struct ipcchan_sleeper *s = ipcchan_rpc_client(test, 0, request, true);
	u64 id = ipcchan_rpc_take(test, q, server, request);

	ipcchan_msg_free(request);
	KUNIT_EXPECT_NE(test, id, 0);
	KUNIT_EXPECT_FALSE(test, completion_done(&s->done));
	/* None of these ends the call. */
	KUNIT_EXPECT_EQ(test, ipcchan_rpc_answer(q, server, 0, reply, 0), -ENOENT);
	KUNIT_EXPECT_EQ(test, ipcchan_rpc_answer(q, server, id + 1, reply, 0), -ENOENT);
	reply->len = ROOM + 1;
	KUNIT_EXPECT_EQ(test, ipcchan_rpc_answer(q, server, id, reply, 0), -EMSGSIZE);
	KUNIT_EXPECT_FALSE(test, completion_done(&s->done));
	reply->len = ROOM;
	KUNIT_ASSERT_EQ(test, ipcchan_rpc_answer(q, server, id, reply, 0), 0);
	KUNIT_ASSERT_EQ(test, ipcchan_sleeper_join(test, s), 0);
	KUNIT_ASSERT_PTR_EQ(test, s->msg, reply);
	KUNIT_EXPECT_EQ(test, ipcchan_rpc_answer(q, server, id, reply, 0), -ECANCELED);
	ipcchan_msg_free(reply);
	ipcchan_server_destroy(server, q);
}

/* Answered in any order, each by its own id; an error is an answer too. */
static void ipcchan_rpc_two(struct kunit *test)
{
	struct ipcchan_queue *q = ipcchan_test_queue(test, 4, 64, 256);
	struct ipcchan_server *server = ipcchan_rpc_server(test);
	struct ipcchan_msg *a = ipcchan_test_msg(test, 8), *b = ipcchan_test_msg(test, 8);
	struct ipcchan_msg *reply = ipcchan_test_msg(test, 1);
	struct ipcchan_sleeper *s = ipcchan_rpc_client(test, 0, a, true);
	struct ipcchan_sleeper *r = ipcchan_rpc_client(test, 1, b, true);
	u64 id_a = ipcchan_rpc_take(test, q, server, a);
	u64 id_b = ipcchan_rpc_take(test, q, server, b);

	KUNIT_EXPECT_NE(test, id_a, id_b);
	KUNIT_ASSERT_EQ(test, ipcchan_rpc_answer(q, server, id_b, reply, 0), 0);
	KUNIT_ASSERT_EQ(test, ipcchan_sleeper_join(test, r), 0);
	KUNIT_ASSERT_PTR_EQ(test, r->msg, reply);
	KUNIT_EXPECT_FALSE(test, completion_done(&s->done));
	KUNIT_ASSERT_EQ(test, ipcchan_rpc_answer(q, server, id_a, NULL, -EDOM), 0);
	KUNIT_ASSERT_EQ(test, ipcchan_sleeper_join(test, s), -EDOM);
	ipcchan_msg_free(a);
	ipcchan_msg_free(b);
	ipcchan_msg_free(reply);
	ipcchan_server_destroy(server, q);
}

/* A request that nobody has taken goes with its client. */
static void ipcchan_rpc_cancel_queued(struct kunit *test)
{
	struct ipcchan_queue *q = ipcchan_test_queue(test, 1, 64, 256);
	struct ipcchan_msg *late = ipcchan_test_msg(test, 8);
	struct ipcchan_sleeper *s = ipcchan_rpc_client(test, 0, ipcchan_test_msg(test, 8),
						       true);
	struct ipcchan_sleeper *r = ipcchan_rpc_client(test, 1, late, false);

	ipcchan_sleeper_signal(s, SIGUSR1);
	KUNIT_ASSERT_EQ(test, ipcchan_sleeper_join(test, s), -ERESTARTSYS);
	/* That was room for the next one. */
	ipcchan_test_until(test, ipcchan_test_waiting(q, &q->msgs) == 1);
	KUNIT_EXPECT_PTR_EQ(test, list_first_entry(&q->msgs, struct ipcchan_msg, node),
			    late);
	KUNIT_EXPECT_EQ(test, ipcchan_test_objects(), 1);
	ipcchan_sleeper_signal(r, SIGUSR1);
	KUNIT_ASSERT_EQ(test, ipcchan_sleeper_join(test, r), -ERESTARTSYS);
	KUNIT_EXPECT_EQ(test, q->nr, 0);
	KUNIT_EXPECT_EQ(test, q->bytes, 0);
	KUNIT_EXPECT_EQ(test, ipcchan_test_objects(), 0);
}

/* Nor does one that waited for room leave anything. */
static void ipcchan_rpc_cancel_waiting(struct kunit *test)
{
	struct ipcchan_queue *q = ipcchan_test_queue(test, 1, 64, 256);
	struct ipcchan_sleeper *s = ipcchan_rpc_client(test, 0, ipcchan_test_msg(test, 8),
						       true);
	struct ipcchan_sleeper *r = ipcchan_rpc_client(test, 1, ipcchan_test_msg(test, 8),
						       false);

	ipcchan_sleeper_signal(r, SIGUSR1);
	KUNIT_ASSERT_EQ(test, ipcchan_sleeper_join(test, r), -ERESTARTSYS);
	KUNIT_EXPECT_EQ(test, ipcchan_test_objects(), 1);
	KUNIT_EXPECT_EQ(test, ipcchan_test_waiting(q, &q->senders), 0);
	ipcchan_sleeper_signal(s, SIGUSR1);
	KUNIT_ASSERT_EQ(test, ipcchan_sleeper_join(test, s), -ERESTARTSYS);
}

/* One that a server has is not begun anew, and its answer is for nobody. */
static void ipcchan_rpc_cancel_taken(struct kunit *test)
{
	struct ipcchan_queue *q = ipcchan_test_queue(test, 4, 64, 256);
	struct ipcchan_server *server = ipcchan_rpc_server(test);
	struct ipcchan_msg *request = ipcchan_test_msg(test, 8);
	struct ipcchan_msg *reply = ipcchan_test_msg(test, 1);
	struct ipcchan_sleeper *s = ipcchan_rpc_client(test, 0, request, true);
	u64 id = ipcchan_rpc_take(test, q, server, request);

	ipcchan_sleeper_signal(s, SIGUSR1);
	KUNIT_ASSERT_EQ(test, ipcchan_sleeper_join(test, s), -EINTR);
	KUNIT_EXPECT_EQ(test, ipcchan_rpc_answer(q, server, id, reply, 0), -ECANCELED);
	ipcchan_msg_free(reply);
	/* It cannot be put back either. */
	ipcchan_rpc_putback(q, server, request);
	KUNIT_EXPECT_EQ(test, q->nr, 0);
	KUNIT_EXPECT_EQ(test, ipcchan_test_objects(), 0);
	ipcchan_server_destroy(server, q);
}

static void ipcchan_rpc_server_dies(struct kunit *test)
{
	struct ipcchan_queue *q = ipcchan_test_queue(test, 4, 64, 256);
	struct ipcchan_server *server = ipcchan_rpc_server(test);
	struct ipcchan_server *other = ipcchan_rpc_server(test);
	struct ipcchan_msg *msg[3];
	struct ipcchan_sleeper *s[3];
	unsigned int i;
	u64 id;

	for (i = 0; i < 3; i++) {
		msg[i] = ipcchan_test_msg(test, 8);
		s[i] = ipcchan_rpc_client(test, i, msg[i], true);
	}
	ipcchan_rpc_take(test, q, server, msg[0]);
	ipcchan_rpc_take(test, q, server, msg[1]);
	id = ipcchan_rpc_take(test, q, other, msg[2]);
	for (i = 0; i < 3; i++)
		ipcchan_msg_free(msg[i]);
	ipcchan_server_destroy(server, q);
	KUNIT_ASSERT_EQ(test, ipcchan_sleeper_join(test, s[0]), -EOWNERDEAD);
	KUNIT_ASSERT_EQ(test, ipcchan_sleeper_join(test, s[1]), -EOWNERDEAD);
	/* Those of others are not concerned. */
	KUNIT_EXPECT_FALSE(test, completion_done(&s[2]->done));
	KUNIT_ASSERT_EQ(test, ipcchan_rpc_answer(q, other, id, NULL, -EDOM), 0);
	KUNIT_ASSERT_EQ(test, ipcchan_sleeper_join(test, s[2]), -EDOM);
	ipcchan_server_destroy(other, q);
	ipcchan_server_destroy(NULL, q);
	KUNIT_EXPECT_EQ(test, ipcchan_test_pieces(), 0);
}

static void ipcchan_rpc_no_servers(struct kunit *test)
{
	struct ipcchan_queue *q = ipcchan_test_queue(test, 1, 64, 256);
	struct ipcchan_sleeper *s = ipcchan_rpc_client(test, 0, ipcchan_test_msg(test, 8),
						       true);
	struct ipcchan_sleeper *r = ipcchan_rpc_client(test, 1, ipcchan_test_msg(test, 8),
						       false);

	ipcchan_rpc_hangup(q, IPCCHAN_NO_RECEIVERS);
	KUNIT_ASSERT_EQ(test, ipcchan_sleeper_join(test, s), -EPIPE);
	KUNIT_ASSERT_EQ(test, ipcchan_sleeper_join(test, r), -EPIPE);
	KUNIT_EXPECT_PTR_EQ(test, ipcchan_rpc_call(q, ipcchan_test_msg(test, 8), ROOM,
						   IPCCHAN_FOREVER), ERR_PTR(-EPIPE));
	KUNIT_EXPECT_EQ(test, q->nr, 0);
	KUNIT_EXPECT_EQ(test, ipcchan_test_objects(), 0);
}

/* It is the next request once more, and another server may take it. */
static void ipcchan_rpc_putback_next(struct kunit *test)
{
	struct ipcchan_queue *q = ipcchan_test_queue(test, 4, 64, 256);
	struct ipcchan_server *server = ipcchan_rpc_server(test);
	struct ipcchan_server *other = ipcchan_rpc_server(test);
	struct ipcchan_msg *a = ipcchan_test_msg(test, 8), *b = ipcchan_test_msg(test, 8);
	struct ipcchan_sleeper *s = ipcchan_rpc_client(test, 0, a, true);
	struct ipcchan_sleeper *r = ipcchan_rpc_client(test, 1, b, true);
	u64 id = ipcchan_rpc_take(test, q, server, a);

	ipcchan_rpc_putback(q, server, a);
	KUNIT_EXPECT_EQ(test, ipcchan_test_stats(q).received, 0);
	KUNIT_EXPECT_EQ(test, ipcchan_test_stats(q).received_bytes, 0);
	/* Who had it has it no more. */
	KUNIT_EXPECT_EQ(test, ipcchan_rpc_answer(q, server, id, NULL, -EDOM), -ECANCELED);
	id = ipcchan_rpc_take(test, q, other, a);
	ipcchan_msg_free(a);
	ipcchan_server_destroy(server, q);
	KUNIT_EXPECT_FALSE(test, completion_done(&s->done));
	KUNIT_ASSERT_EQ(test, ipcchan_rpc_answer(q, other, id, NULL, -EDOM), 0);
	KUNIT_ASSERT_EQ(test, ipcchan_sleeper_join(test, s), -EDOM);
	/* One that was put back can be given up as well. */
	ipcchan_rpc_take(test, q, other, b);
	ipcchan_rpc_putback(q, other, b);
	ipcchan_sleeper_signal(r, SIGUSR1);
	KUNIT_ASSERT_EQ(test, ipcchan_sleeper_join(test, r), -ERESTARTSYS);
	KUNIT_EXPECT_EQ(test, q->nr, 0);
	ipcchan_server_destroy(other, q);
}

static int ipcchan_rpc_run_serve(struct ipcchan_sleeper *s)
{
	struct ipcchan_server *server = s->server;
	struct ipcchan_want want = { .room = 64, .until = IPCCHAN_FOREVER };
	struct ipcchan_msg *msg;
	bool replied = false;
	size_t room = 0;

	msg = ipcchan_rpc_serve(s->q, server, NULL, &replied, &want, &room);
	if (IS_ERR_OR_NULL(msg))
		return PTR_ERR(msg);
	s->msg = msg;
	return room;
}

static struct ipcchan_sleeper *ipcchan_rpc_serving(struct kunit *test, unsigned int i,
						   struct ipcchan_server *server)
{
	struct ipcchan_test *t = test->priv;
	struct ipcchan_sleeper *s = &t->sleepers[i];
	unsigned int nr = ipcchan_test_waiting(&t->q, &t->q.receivers);

	s->run = ipcchan_rpc_run_serve;
	s->q = &t->q;
	s->msg = NULL;
	s->server = server;
	ipcchan_sleeper_start(test, s);
	ipcchan_test_until(test,
			   ipcchan_test_waiting(&t->q, &t->q.receivers) == nr + 1 &&
			   ipcchan_sleeper_asleep(s));
	return s;
}

/* A server that waits gets the request itself, and owes the reply from then on. */
static void ipcchan_rpc_handover(struct kunit *test)
{
	struct ipcchan_queue *q = ipcchan_test_queue(test, 4, 64, 256);
	struct ipcchan_server *server = ipcchan_rpc_server(test);
	struct ipcchan_sleeper *w = ipcchan_rpc_serving(test, 0, server);
	struct ipcchan_msg *request = ipcchan_test_msg(test, 8);
	struct ipcchan_test *t = test->priv;
	struct ipcchan_sleeper *s = &t->sleepers[1];

	s->run = ipcchan_rpc_run_call;
	s->q = q;
	s->msg = request;
	ipcchan_sleeper_start(test, s);
	KUNIT_ASSERT_EQ(test, ipcchan_sleeper_join(test, w), ROOM);
	KUNIT_ASSERT_PTR_EQ(test, w->msg, request);
	KUNIT_EXPECT_EQ(test, ipcchan_test_stats(q).handovers, 1);
	/* Handed over, it can be put back: the next server that waits gets it. */
	w = ipcchan_rpc_serving(test, 2, server);
	ipcchan_rpc_putback(q, server, request);
	KUNIT_ASSERT_EQ(test, ipcchan_sleeper_join(test, w), ROOM);
	KUNIT_ASSERT_PTR_EQ(test, w->msg, request);
	KUNIT_ASSERT_EQ(test, ipcchan_rpc_answer(q, server, request->id, NULL, -EDOM), 0);
	KUNIT_ASSERT_EQ(test, ipcchan_sleeper_join(test, s), -EDOM);
	ipcchan_msg_free(request);
	ipcchan_server_destroy(server, q);
}

/* A server of one type finds it also with a client that waits for room. */
static void ipcchan_rpc_serve_waiting_client(struct kunit *test)
{
	struct ipcchan_queue *q = ipcchan_test_queue(test, 1, 64, 256);
	struct ipcchan_want want = { .room = 7, .match = { .by_type = 1, .type = 7 } };
	struct ipcchan_server *server = ipcchan_rpc_server(test);
	struct ipcchan_msg *other = ipcchan_test_msg(test, 8);
	struct ipcchan_msg *msg = ipcchan_test_msg(test, 8);
	struct ipcchan_sleeper *s, *r;
	bool replied = false;
	size_t room = 0;
	u64 id;

	msg->type = 7;
	s = ipcchan_rpc_client(test, 0, other, true);
	r = ipcchan_rpc_client(test, 1, msg, false);
	KUNIT_EXPECT_PTR_EQ(test, ipcchan_rpc_serve(q, server, NULL, &replied, &want, &room),
			    ERR_PTR(-EMSGSIZE));
	want.room = 8;
	KUNIT_ASSERT_PTR_EQ(test, ipcchan_rpc_serve(q, server, NULL, &replied, &want, &room),
			    msg);
	KUNIT_EXPECT_EQ(test, room, ROOM);
	KUNIT_ASSERT_EQ(test, ipcchan_rpc_answer(q, server, msg->id, NULL, -EDOM), 0);
	KUNIT_ASSERT_EQ(test, ipcchan_sleeper_join(test, r), -EDOM);
	ipcchan_msg_free(msg);
	KUNIT_EXPECT_PTR_EQ(test, ipcchan_rpc_serve(q, server, NULL, &replied, &want, &room),
			    ERR_PTR(-EAGAIN));
	id = ipcchan_rpc_take(test, q, server, other);
	ipcchan_msg_free(other);
	KUNIT_ASSERT_EQ(test, ipcchan_rpc_answer(q, server, id, NULL, -EDOM), 0);
	KUNIT_ASSERT_EQ(test, ipcchan_sleeper_join(test, s), -EDOM);
	ipcchan_server_destroy(server, q);
}

/* Answer one and take the next, in one step; a bad answer takes nothing. */
static void ipcchan_rpc_answer_and_next(struct kunit *test)
{
	struct ipcchan_queue *q = ipcchan_test_queue(test, 4, 64, 256);
	struct ipcchan_server *server = ipcchan_rpc_server(test);
	struct ipcchan_msg *a = ipcchan_test_msg(test, 8), *b = ipcchan_test_msg(test, 8);
	struct ipcchan_sleeper *s = ipcchan_rpc_client(test, 0, a, true);
	struct ipcchan_sleeper *r = ipcchan_rpc_client(test, 1, b, true);
	struct ipcchan_reply reply = { .error = -EDOM };
	bool replied = false;
	size_t room = 0;

	reply.id = ipcchan_rpc_take(test, q, server, a) + 1;
	KUNIT_EXPECT_PTR_EQ(test, ipcchan_rpc_serve(q, server, &reply, &replied,
						    &ipcchan_rpc_any, &room),
			    ERR_PTR(-ENOENT));
	KUNIT_EXPECT_FALSE(test, replied);
	reply.id--;
	KUNIT_ASSERT_PTR_EQ(test, ipcchan_rpc_serve(q, server, &reply, &replied,
						    &ipcchan_rpc_any, &room), b);
	KUNIT_EXPECT_TRUE(test, replied);
	KUNIT_ASSERT_EQ(test, ipcchan_sleeper_join(test, s), -EDOM);
	reply.id = b->id;
	replied = false;
	KUNIT_EXPECT_PTR_EQ(test, ipcchan_rpc_serve(q, server, &reply, &replied,
						    &ipcchan_rpc_any, &room),
			    ERR_PTR(-EAGAIN));
	KUNIT_EXPECT_TRUE(test, replied);
	KUNIT_ASSERT_EQ(test, ipcchan_sleeper_join(test, r), -EDOM);
	ipcchan_msg_free(a);
	ipcchan_msg_free(b);
	ipcchan_server_destroy(server, q);
}

static void ipcchan_rpc_no_memory(struct kunit *test)
{
	struct ipcchan_queue *q = ipcchan_test_queue(test, 1, ROOM, ROOM);

	ipcchan_test_mem.refuse = IPCCHAN_REFUSE_KMALLOC;
	KUNIT_EXPECT_PTR_EQ(test, ipcchan_server_create(q, NULL), NULL);
}

static struct kunit_case ipcchan_rpc_cases[] = {
	KUNIT_CASE(ipcchan_rpc_round_trip),
	KUNIT_CASE(ipcchan_rpc_two),
	KUNIT_CASE(ipcchan_rpc_cancel_queued),
	KUNIT_CASE(ipcchan_rpc_cancel_waiting),
	KUNIT_CASE(ipcchan_rpc_cancel_taken),
	KUNIT_CASE(ipcchan_rpc_server_dies),
	KUNIT_CASE(ipcchan_rpc_no_servers),
	KUNIT_CASE(ipcchan_rpc_putback_next),
	KUNIT_CASE(ipcchan_rpc_handover),
	KUNIT_CASE(ipcchan_rpc_serve_waiting_client),
	KUNIT_CASE(ipcchan_rpc_answer_and_next),
	KUNIT_CASE(ipcchan_rpc_no_memory),
	{}
};

static struct kunit_suite ipcchan_rpc_suite = {
	.name = "ipcchan_rpc",
	.init = ipcchan_test_begin,
	.exit = ipcchan_test_end,
	.test_cases = ipcchan_rpc_cases,
};

kunit_test_suite(ipcchan_rpc_suite);
