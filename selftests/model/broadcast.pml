/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Broadcast to subscribers that make the sender wait: broadcast.c.
 *
 * Two senders bring one message each to two subscribers, whose queues hold one; each
 * takes what it gets, and one may unsubscribe instead.  A sender may have an end of its
 * time, or be interrupted.
 *
 * Found wanting is, in the end: a sender that sleeps beside room for all; a message that
 * some have and others have not; two orders of the messages.
 *
 * The counter and the wait queue are the two sides of a store and a load each: each has a
 * full barrier, so that their order here is that of the program.  The faults without one
 * are the load before the store.
 */

#define SENDERS		2
#define SUBS		2
#define TASKS		2	/* those who sleep: the senders */
#define MAX_NR		1

#define NONE		255

bool running[TASKS];
bool sig[TASKS];
bool timed[TASKS];

bool mutex;			/* b->lock */
byte changes;			/* b->changes */
bool waiting[TASKS];		/* in b->room */
bool member[SUBS];		/* in b->subs */

chan queue[SUBS] = [MAX_NR] of { byte };	/* each under its own lock: one step at a time */
chan log[SUBS] = [SENDERS] of { byte };		/* what each has received, and what it has */
bool sent[SENDERS];
bool failed[SENDERS];
byte had[SENDERS];		/* subscribers that it was sent to */

/* ipcchan_broadcast_made_room() */
inline made_room()
{
#ifdef FAULT_NO_BARRIER_ROOM
	some = waiting[0] || waiting[1];
	changes++;
#else
	changes++;
	some = waiting[0] || waiting[1];
#endif
	/* autoremove_wake_function() of each */
	if
	:: some ->
		atomic {
			t = 0;
			do
			:: t < TASKS ->
				if
				:: waiting[t] -> waiting[t] = false; running[t] = true
				:: else
				fi;
				t++
			:: else -> break
			od;
			t = 0
		}
	:: else
	fi;
	some = false
}

/* ipcchan_broadcast_wait(): err is 0, or it has given up */
inline broadcast_wait()
{
	do
	:: true ->
#ifdef FAULT_NO_BARRIER_WAIT
		changed = changes != seen;
		d_step { waiting[me] = true; running[me] = false };
#else
		/* prepare_to_wait(): both under the lock of the wait queue */
		d_step { waiting[me] = true; running[me] = false };
		changed = changes != seen;
#endif
		if
		:: changed -> break
		:: else
		fi;
		if
		:: sig[me] -> err = 1; break
		:: else
		fi;
		if
		:: running[me]
		:: timed[me] -> err = 1; break
		fi
	od;
	/* finish_wait() */
	atomic { running[me] = true; waiting[me] = false; changed = false }
}

/* ipcchan_broadcast_send(), ipcchan_broadcast_try_locked() */
proctype sender(byte me)
{
	byte seen, s, err = 0;
	bool fits, changed;

	do
	:: true ->
#ifndef FAULT_COUNT_LATE
		seen = changes;
#endif
		atomic { !mutex -> mutex = true };
		fits = true;
		s = 0;
		do
		:: s < SUBS ->
			/* ipcchan_sub_fits() */
			fits = fits && (!member[s] || len(queue[s]) < MAX_NR);
			s++
		:: else -> break
		od;
		s = 0;
		do
		:: fits && s < SUBS ->
			/* ipcchan_sub_deliver() */
			d_step {
				if
				:: member[s] ->
					assert(len(queue[s]) < MAX_NR);
					queue[s]!me;
					log[s]!me;
					had[me]++
				:: else
				fi;
				s++
			}
#ifdef FAULT_NO_MUTEX
			; mutex = false
#endif
		:: else -> break
		od;
		atomic { s = 0; mutex = false };
#ifdef FAULT_COUNT_LATE
		seen = changes;
#endif
		if
		:: fits -> sent[me] = true; break
		:: else -> broadcast_wait()
		fi;
		if
		:: err != 0 -> failed[me] = true; break
		:: else
		fi
	od
}

/* ipcchan_queue_recv(), ipcchan_sub_destroy() */
proctype subscriber(byte me)
{
	byte got, left = SENDERS, t;
	bool some;

	do
	:: left > 0 ->
		left--;
		if
		:: queue[me]?got ->
#ifndef FAULT_RECV_SILENT
			made_room()
#else
			skip
#endif
		:: me == 0 ->
			atomic { !mutex -> mutex = true };
			d_step { member[me] = false; mutex = false };
			made_room();
			break
		fi
	:: else -> break
	od
}

active proctype disturb()
{
	if
	:: d_step { sig[0] = true; running[0] = true }
	:: d_step { sig[1] = true; running[1] = true }
	:: running[0] = true
	:: skip
	fi
}

active proctype monitor()
{
	byte me, a, b;

	atomic {
		timeout ->
		assert(!mutex);
		for (me : 0 .. SENDERS - 1) {
			assert(!sent[me] || !failed[me]);
			/* All who are there have it, or none has. */
			assert(sent[me] || had[me] == 0);
			/* No sender sleeps beside room. */
			assert(sent[me] || failed[me] ||
			       (member[0] && len(queue[0]) >= MAX_NR) ||
			       (member[1] && len(queue[1]) >= MAX_NR))
		}
		/* One order. */
		if
		:: len(log[0]) == SENDERS && len(log[1]) == SENDERS ->
			log[0]?a;
			log[1]?b;
			assert(a == b)
		:: else
		fi;
		assert(!member[0] || len(log[0]) == len(log[1]))
	}
}

init {
	atomic {
		member[0] = true;
		member[1] = true;
		running[0] = true;
		running[1] = true;
		if
		:: timed[0] = true
		:: skip
		fi;
		run sender(0);
		run sender(1);
		run subscriber(0);
		run subscriber(1)
	}
}
