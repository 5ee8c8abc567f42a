/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Broadcast to subscribers that make the sender wait: broadcast.c.
 *
 * Two senders bring one message each to two subscribers, whose queues hold one; each
 * takes what it gets, and one may unsubscribe instead.  A sender may have an end of its
 * time, or be interrupted.  LONG: there is one subscriber, who takes what it likes, and has
 * one message, beside which there is room for that of one sender and not of the other.
 *
 * Found wanting is, in the end: a sender that sleeps beside room for all, though it is the
 * first in the line; a message that some have and others have not; two orders of the
 * messages.  And that one passes by another that waits.
 *
 * The counter and the wait queue are the two sides of a store and a load each: each has a
 * full barrier, so that their order here is that of the program.  The faults without one
 * are the load before the store.
 */

#define SENDERS		2
#define TASKS		2	/* those who sleep: the senders */

#ifdef LONG
#define SUBS		1
#define FIRST		SENDERS	/* the message that is there from the beginning */
#define MSGS		(SENDERS + 1)
#define MAX		3
#define SIZE(of)	((of) == 1 -> 1 : 2)
#else
#define SUBS		2
#define MSGS		SENDERS
#define MAX		1
#define SIZE(of)	1
#endif

bool running[TASKS];
bool sig[TASKS];
bool timed[TASKS];

bool mutex;			/* b->lock */
byte changes;			/* b->changes */
bool waiting[TASKS];		/* in b->room */
bool member[2];		/* in b->subs */
chan line = [SENDERS] of { byte };	/* b->line */
bool in_line[SENDERS];

byte used[2];
chan queue[2] = [MAX] of { byte };	/* each under its own lock: one step at a time */
chan log[2] = [SENDERS] of { byte };		/* what each has received, and what it has */
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

/* ipcchan_turn_leave_locked(): some is whether those behind are to be told */
inline leave_line()
{
	d_step {
		left = in_line[me];
		if
		:: in_line[me] -> line??eval(me); in_line[me] = false
		:: else
		fi
	}
}

/* ipcchan_broadcast_send(), ipcchan_broadcast_try_locked() */
proctype sender(byte me)
{
	byte seen, s, t, first, err = 0;
	bool fits, changed, left, some;

	do
	:: true ->
#ifndef FAULT_COUNT_LATE
		seen = changes;
#endif
		atomic { !mutex -> mutex = true };
		/* ipcchan_broadcast_held_up() */
		d_step {
			fits = true;
			if
			:: line?[first] -> line?<first>; fits = first == me; first = 0
			:: else
			fi
		};
#ifdef FAULT_NO_TURNS
		fits = true;
#endif
		s = 0;
		do
		:: s < SUBS ->
			/* ipcchan_sub_prepare() */
			fits = fits && (!member[s] || used[s] + SIZE(me) <= MAX);
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
					assert(used[s] + SIZE(me) <= MAX);
					used[s] = used[s] + SIZE(me);
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
		if
		:: fits ->
			/* Nobody is passed by. */
			assert(in_line[me] || empty(line));
			leave_line()
		:: else ->
			d_step {
				if
				:: !in_line[me] -> line!me; in_line[me] = true
				:: else
				fi
			}
		fi;
		atomic { s = 0; mutex = false };
#ifdef FAULT_COUNT_LATE
		seen = changes;
#endif
		if
		:: fits -> sent[me] = true; break
		:: else -> broadcast_wait()
		fi;
		if
		:: err != 0 ->
			/* ipcchan_broadcast_give_up() */
			atomic { !mutex -> mutex = true };
			leave_line();
			mutex = false;
			failed[me] = true;
			break
		:: else
		fi
	od;
#ifdef FAULT_SENT_SILENT
	left = left && failed[me];
#endif
#ifdef FAULT_GIVE_UP_SILENT
	left = left && sent[me];
#endif
	if
	:: left -> made_room()
	:: else
	fi
}

/* ipcchan_queue_recv(), ipcchan_sub_destroy() */
proctype subscriber(byte me)
{
	byte got, left = MSGS, t;
	bool some;

	do
	:: left > 0 ->
		left--;
		if
		:: d_step { queue[me]?got -> used[me] = used[me] - SIZE(got) } ->
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
#ifdef LONG
		:: break
#endif
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
			/* No sender sleeps beside room, if it is its turn. */
			assert(sent[me] || failed[me] || !line?[eval(me)] ||
			       (member[0] && used[0] + SIZE(me) > MAX) ||
			       (member[1] && used[1] + SIZE(me) > MAX))
		}
		/* One order. */
		if
		:: len(log[0]) == SENDERS && len(log[1]) == SENDERS ->
			log[0]?a;
			log[1]?b;
			assert(a == b)
		:: else
		fi;
		assert(!member[0] || !member[1] || len(log[0]) == len(log[1]))
	}
}

init {
	atomic {
		member[0] = true;
#ifdef LONG
		queue[0]!FIRST;
		used[0] = SIZE(FIRST);
#else
		member[1] = true;
		run subscriber(1);
#endif
		running[0] = true;
		running[1] = true;
		if
		:: timed[0] = true
		:: skip
		fi;
		run sender(0);
		run sender(1);
		run subscriber(0)
	}
}
