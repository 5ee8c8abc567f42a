/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Calls: rpc.c, server.c, rpc_locked.h.
 *
 * Clients make one call each; the channel holds one request.  Threads serve, of one
 * endpoint or of one each: take a request, answer it with the next one, answer the last,
 * or end without; what cannot be delivered goes back.  The last thread of an endpoint
 * closes it, the last endpoint hangs up.  Each may have an end of its time, be
 * interrupted, killed.
 *
 * Found wanting is: a call touched when its client may be gone, or completed twice; a
 * request touched when it is freed; in the end a client that sleeps beside an idle
 * server, or on a request that nobody has seen, or on a server that is gone.
 */

#ifndef CLIENTS
#define CLIENTS		2
#define SERVERS		1
#endif
#define TASKS		(CLIENTS + SERVERS)
#define CALL(c)		(TASKS + (c))	/* call.w; those before wait in a list of the queue */
#define WAITERS		(TASKS + CLIENTS)
#define TASK(w)		((w) < TASKS -> (w) : (w) - TASKS)
#define MAX_NR		1
#ifndef SHARED
#define ENDPOINT(t)	((t) - CLIENTS)
#else
#define ENDPOINT(t)	0
#endif

#ifndef ROUNDS
#define ROUNDS		3	/* of a server; the last one only answers */
#endif
#ifndef DISTURBANCES
#define DISTURBANCES	0
#endif

#include "waiter.pml"

/* Where a request is. */
#define HIS	0	/* its client's, perhaps waiting for room */
#define QUEUED	1
#define GIVEN	2	/* a server's, who has not returned with it */
#define FREED	3

byte where[CLIENTS];
bool has_call[CLIENTS];	/* request->call is the client's */
byte request_id[CLIENTS];
bool seen[CLIENTS];	/* a server's user has it */

/* The calls: they are on the stacks of CALL(). */
bool pending[CLIENTS];	/* call->request is set */
byte bound[CLIENTS];	/* in the calls of this endpoint's server, or NONE */
byte call_id[CLIENTS];

byte last_id[SERVERS];
byte users[SERVERS];	/* of the endpoint */
byte endpoints;
bool no_receivers;
bool bad[TASKS];		/* what it takes first cannot be delivered to it */

chan msgs = [CLIENTS] of { byte };
chan receivers = [SERVERS] of { byte };
chan senders = [CLIENTS] of { byte };

/* ipcchan_server_bind_locked() */
inline bind_locked(ep, c)
{
	assert(where[c] != FREED && has_call[c] && frame[CALL(c)]);
	last_id[ep]++;
	call_id[c] = last_id[ep];
	pending[c] = false;
	bound[c] = ep;
	has_call[c] = false;
	request_id[c] = last_id[ep]
}

/* ipcchan_queue_receiver_locked(), bind, ipcchan_queue_give_locked() to the message */
inline offer_locked(c)
{
	if
	:: len(receivers) > 0 ->
		receivers?w;
		bind_locked(ENDPOINT(w), c);
		assert(frame[w]);
		wmsg[w] = c;
		where[c] = GIVEN
	:: else
	fi
}

inline given_unlock()
{
	complete_locked(w, DONE);
	atomic { w = NONE; unlock() }
}

/* ipcchan_queue_made_room() */
inline made_room()
{
	do
	:: atomic {
		if
		:: len(senders) > 0 && len(msgs) < MAX_NR ->
			senders?w;
			assert(frame[w] && wmsg[w] == w && where[w] != FREED);
			msgs!w;
			where[w] = QUEUED
		:: else -> w = NONE
		fi
	   };
	   if
	   :: w != NONE -> complete_locked(w, DONE)
	   :: else -> break
	   fi
	od;
	unlock()
}

/* ipcchan_rpc_call() */
proctype client(byte me)
{
	byte w = NONE, owed = NONE, err = DONE;

	/* ipcchan_call_send() */
	atomic {
		waiter_add(CALL(me), NONE);
		pending[me] = true;
		has_call[me] = true;
		lock();
		offer_locked(me);
		if
		:: w != NONE
		:: w == NONE && no_receivers -> err = EPIPE; unlock()
		:: w == NONE && !no_receivers && len(senders) == 0 && len(msgs) < MAX_NR ->
			msgs!me;
			where[me] = QUEUED;
			unlock()
		:: else ->
			waiter_add(me, me);
			senders!me;
			err = INPROGRESS;
			unlock()
		fi
	};
	if
	:: w != NONE -> given_unlock(); settle()
	:: w == NONE && err == INPROGRESS ->
		/* ipcchan_queue_wait_room() */
		waiter_sleep(me, senders);
		if
		:: err != DONE ->
			atomic { lock() };
			made_room();
			settle()
		:: else
		fi;
		d_step { waiter_gone(me) }
	:: else
	fi;
	if
	:: err != DONE ->
		d_step {
			assert(where[me] == HIS && has_call[me]);
			has_call[me] = false;
			where[me] = FREED
		};
		goto out
	:: else
	fi;

	waiter_wait(CALL(me));
	if
	:: err == DONE -> err = result[CALL(me)]
	:: else ->
		/* ipcchan_call_cancel() */
		atomic {
			lock();
			if
#ifndef FAULT_CANCEL_ANSWERED
			:: result[CALL(me)] != INPROGRESS -> err = result[CALL(me)]
			:: else ->
#else
			:: true ->
#endif
				if
				:: pending[me] ->
#ifndef FAULT_CANCEL_STAYS_QUEUED
					assert(where[me] == QUEUED && IN(msgs, me));
					msgs??eval(me);
					has_call[me] = false;
					where[me] = FREED;
					w = me
#endif
				:: else ->
#ifndef FAULT_CANCEL_STAYS_BOUND
					bound[me] = NONE
#endif
				fi
			fi;
			if
			:: w == NONE -> unlock()
			:: else
			fi
		};
		if
		:: w != NONE -> made_room(); settle()
		:: else
		fi
	fi;
	/* A reply is the caller's, or was never given. */
	assert(wmsg[CALL(me)] == NONE || err == DONE);
out:
	atomic { w = NONE; waiter_gone(CALL(me)); alive[me] = false }
}

/* ipcchan_call_complete_locked() */
inline call_complete_locked(c, msg, res)
{
	d_step {
		assert(frame[CALL(c)]);
		bound[c] = NONE;
		wmsg[CALL(c)] = msg
	};
	complete_locked(CALL(c), res)
}

/* ipcchan_server_find_locked(): k is the call, or NONE */
inline server_find_locked(ep, id)
{
	d_step {
		k = NONE;
		i = 0;
		do
		:: i < CLIENTS ->
			if
			:: bound[i] == ep && call_id[i] == id ->
				assert(frame[CALL(i)]);
				k = i
			:: else
			fi;
			i++
		:: else -> break
		od;
		i = 0
	}
}

/* ipcchan_rpc_putback() of the request c, lock to unlock */
inline putback(c)
{
	atomic {
		lock();
		assert(where[c] == GIVEN);
		server_find_locked(ENDPOINT(me), request_id[c]);
		if
		:: k == NONE -> where[c] = FREED; unlock()
		:: else ->
			assert(k == c);
			bound[c] = NONE;
			has_call[c] = true;
			pending[c] = true;
			offer_locked(c);
			if
			:: w == NONE -> msgs!c; where[c] = QUEUED; unlock()
			:: else
			fi
		fi
	};
	k = NONE;
	if
	:: w != NONE -> given_unlock()
	:: else
	fi;
	settle()
}

/* ipcchan_server_destroy(), ipcchan_rpc_hangup(): the endpoint is closed */
inline close()
{
	atomic { lock(); k = 0 };
	do
	:: k < CLIENTS ->
		if
#ifndef FAULT_DESTROY_SILENT
		:: bound[k] == ENDPOINT(me) -> call_complete_locked(k, NONE, EOWNERDEAD)
#endif
		:: else
		fi;
		k++
	:: else -> break
	od;
	unlock();
	settle();
	/* ipcchan_registry_detach() */
	endpoints--;
	if
	:: endpoints == 0 ->
		/* ipcchan_queue_hangup() */
		atomic { lock(); no_receivers = true };
		do
		:: len(senders) > 0 -> senders?w; complete_locked(w, EPIPE)
		:: else -> break
		od;
		atomic { w = NONE; unlock() };
		settle();
#ifndef FAULT_HANGUP_KEEPS_QUEUED
		atomic { lock() };
		do
		:: len(msgs) > 0 ->
			d_step {
				msgs?k;
				assert(where[k] == QUEUED && has_call[k]);
				has_call[k] = false;
				where[k] = FREED
			};
			call_complete_locked(k, NONE, EPIPE)
		:: else -> break
		od;
		unlock();
		settle()
#endif
	:: else
	fi;
	k = NONE
}

/* ipcchan_rpc_serve() */
proctype server(byte me)
{
	byte w = NONE, k = NONE, owed = NONE, err = DONE, rounds = ROUNDS;
	byte id = 0;	/* of the call to answer, 0 for none */
	byte got = NONE;

again:	atomic {
		rounds--;
		lock();
		if
		:: id != 0 -> server_find_locked(ENDPOINT(me), id); id = 0
		:: else
		fi
	};
	if
	:: k != NONE -> call_complete_locked(k, k, DONE)	/* ipcchan_reply_locked() */
	:: else
	fi;
	atomic {
		k = NONE;
		err = DONE;
		if
		:: rounds == 0 -> unlock()			/* ipcchan_rpc_reply() */
		:: rounds > 0 && len(msgs) > 0 ->
			msgs?got;
			bind_locked(ENDPOINT(me), got);
			where[got] = GIVEN
		:: else ->
			/* ipcchan_rpc_wait() */
			waiter_add(me, NONE);
			receivers!me;
			err = INPROGRESS;
			unlock()
		fi
	};
	if
	:: got != NONE -> made_room()
	:: else
	fi;
	settle();
	if
	:: err == INPROGRESS ->
		waiter_sleep(me, receivers);
		d_step { got = wmsg[me]; waiter_gone(me) };
		if
		:: got != NONE && fatal[me] ->
#ifndef FAULT_NO_PUTBACK
			putback(got);
#endif
			got = NONE
		:: else
		fi
	:: else
	fi;
	if
	:: got != NONE && bad[me] ->
		/* ipcchan_serve_deliver() fails */
		bad[me] = false;
		putback(got)
	:: got != NONE && !bad[me] ->
		d_step {
			assert(where[got] == GIVEN && !has_call[got]);
			id = request_id[got];
			seen[got] = true;
			where[got] = FREED
		}
	:: else
	fi;
	atomic {
		got = NONE;
		if
		:: !fatal[me] && rounds > 0 -> sig[me] = false; goto again
		:: true		/* its user ends, perhaps without having answered */
		fi;
		users[ENDPOINT(me)]--
	};
	if
	:: users[ENDPOINT(me)] == 0 -> close()
	:: else
	fi;
	alive[me] = false
}

/* When nobody can go on */
active proctype monitor()
{
	byte c, t;

	atomic {
		timeout ->
		assert(!locked);
		for (t : 0 .. TASKS - 1) {
			assert(refs[t] == 0)
		}
		for (t : CLIENTS .. TASKS - 1) {
			/* An idle server has nothing to do. */
			assert(alive[t] == frame[t]);
			assert(!frame[t] || result[t] == INPROGRESS);
			assert(!frame[t] || len(msgs) == 0);
			assert(frame[t] == IN(receivers, t))
		}
		for (c : 0 .. CLIENTS - 1) {
			assert(alive[c] == frame[CALL(c)]);
			assert(!alive[c] || result[CALL(c)] == INPROGRESS);
			assert(!alive[c] || endpoints > 0);
			assert(frame[c] == IN(senders, c));
			assert(!frame[c] || (result[c] == INPROGRESS && len(msgs) >= MAX_NR));
			/* Somebody has the request, or will. */
			assert(!alive[c] || frame[c] || pending[c] || bound[c] != NONE);
			assert((where[c] == QUEUED) == IN(msgs, c));
			assert(where[c] != GIVEN);
			assert(!alive[c] || frame[c] || !pending[c] || where[c] == QUEUED);
			assert(where[c] != QUEUED || (alive[c] && pending[c] && has_call[c]));
			assert(bound[c] == NONE || (alive[c] && seen[c] && users[bound[c]] > 0))
		}
	}
}

init {
	byte t;

	atomic {
		for (t : 0 .. WAITERS - 1) {
			wmsg[t] = NONE
		}
		for (t : 0 .. CLIENTS - 1) {
			bound[t] = NONE
		}
		for (t : CLIENTS .. TASKS - 1) {
			if
			:: users[ENDPOINT(t)] == 0 -> endpoints++
			:: else
			fi;
			users[ENDPOINT(t)]++
		}
		/* Of alike tasks one has all ways to end. */
		if
		:: timed[0] = true
		:: skip
		fi;
		if
		:: timed[CLIENTS] = true
		:: bad[CLIENTS] = true
		:: skip
		fi;
		for (t : 0 .. TASKS - 1) {
			task_begin(t)
		}
		for (t : 0 .. CLIENTS - 1) {
			run client(t)
		}
		for (t : CLIENTS .. TASKS - 1) {
			run server(t)
		}
	}
}
