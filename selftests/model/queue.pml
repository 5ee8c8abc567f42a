/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sending and receiving with waiting: queue.c, queue_locked.h, waiter.c.
 *
 * A queue for two messages and two units of bytes.  One message of one unit is in it or
 * not; senders bring one each, of one or two units and of two types; receivers take what
 * comes, or one type.  Each may have an end of its time, or one be interrupted,
 * killed, woken for nothing.
 *
 * Found wanting is: a waiter touched when its stack may be gone, completed twice, or a
 * task woken that may be gone (asserts of waiter.pml); in the end a receiver that sleeps
 * beside its message, a sender that sleeps beside room, a message that is nowhere or in
 * two places.
 */

#ifndef SENDERS
#define SENDERS		2
#define RECEIVERS	1
#endif
#define TASKS		(SENDERS + RECEIVERS)
#define WAITERS		TASKS
#define TASK(w)		(w)
#define MSGS		(SENDERS + 1)	/* those of the senders, and one that is there before */
#define OLD		SENDERS
#define MAX_NR		2
#define MAX_BYTES	2
#ifndef DISTURBANCES
#define DISTURBANCES	0
#endif

#ifndef TIMED
#define TIMED		0	/* of the tasks have an end of their time or not: the last ones */
#endif
#ifndef ROUNDS
#define ROUNDS		1	/* of a receiver */
#endif

#include "waiter.pml"

/* Where a message is. */
#define HIS	0	/* the sender's, who has not returned */
#define QUEUED	1
#define GIVEN	2	/* a receiver's, who has not returned */
#define TAKEN	3
#define BACK	4	/* the sender has it, and an error */

byte where[MSGS];
byte mlen[MSGS];
bool typed[MSGS];	/* is of the type that some want */
bool picky[TASKS];	/* wants only those */
bool sent[SENDERS];	/* has been told that it is sent */
byte bytes;
bool no_senders, no_receivers;	/* q->hangup */

chan msgs = [MSGS] of { byte };
chan receivers = [RECEIVERS] of { byte };
chan senders = [SENDERS] of { byte };

#define MATCHES(r, m)	(!picky[r] || typed[m])
#define FITS(m)		(len(msgs) < MAX_NR && bytes + mlen[m] <= MAX_BYTES)

/* ipcchan_queue_receiver_locked(), and the list_del() of its completion */
inline receiver_locked(m)
{
	w = NONE;
	n = len(receivers);
	do
	:: n > 0 ->
		receivers?i;
		n--;
		if
		:: w == NONE && MATCHES(i, m) -> w = i
		:: else -> receivers!i
		fi
	:: else -> break
	od;
	i = 0
}

/* ipcchan_queue_give_locked(): the message */
inline give_locked(m)
{
#ifndef FAULT_RESULT_BEFORE_MSG
	assert(frame[w]);
	wmsg[w] = m;
#endif
	where[m] = GIVEN
}

/* and the rest of it */
inline given_unlock(m)
{
#ifdef FAULT_COMPLETE_AFTER_UNLOCK
	unlock();
#endif
	complete_locked(w, DONE);
#ifdef FAULT_RESULT_BEFORE_MSG
	d_step { assert(frame[w]); wmsg[w] = m };
#endif
	w = NONE;
#ifndef FAULT_COMPLETE_AFTER_UNLOCK
	unlock()
#endif
}

/* ipcchan_queue_link_locked() */
inline link_locked(m)
{
	msgs!m;
	where[m] = QUEUED;
	bytes = bytes + mlen[m]
}

/* ipcchan_queue_requeue_locked(): before all others */
inline requeue_locked(m)
{
	n = len(msgs);
	link_locked(m);
	do
	:: n > 0 -> msgs?i; msgs!i; n--
	:: else -> break
	od;
	i = 0
}

/* ipcchan_queue_made_room(): those who wait for room get it, in order */
inline made_room()
{
	do
	:: atomic {
		if
		:: len(senders) > 0 ->
			senders?<w>;
			assert(frame[w]);
			m = wmsg[w];
			if
			:: FITS(m) -> senders?w; link_locked(m)
			:: else -> w = NONE
			fi
		:: else -> w = NONE
		fi
	   };
	   if
	   :: w != NONE -> complete_locked(w, DONE)
	   :: else -> break
	   fi
	od;
	atomic { m = NONE; unlock() }
}

/* ipcchan_queue_send(), ipcchan_queue_wait_room() */
proctype sender(byte me)
{
	byte w = NONE, m = NONE, owed = NONE, err = DONE;

	atomic {
		lock();
		receiver_locked(me);
		if
		:: w != NONE -> give_locked(me)
		:: w == NONE && no_receivers -> err = EPIPE; unlock()
		:: w == NONE && !no_receivers && len(senders) == 0 && FITS(me) ->
			link_locked(me);
			unlock()
		:: else ->
			waiter_add(me, me);
			senders!me;
			err = INPROGRESS;
			unlock()
		fi
	};
	if
	:: w != NONE -> given_unlock(me)
	:: w == NONE && err == INPROGRESS ->
		waiter_sleep(me, senders);
		if
		:: err != DONE ->
#ifndef FAULT_CANCEL_KEEPS_ROOM
			/* The one who gave up may have been all that held others back. */
			atomic { lock() };
			made_room()
#endif
		:: else
		fi;
		d_step { waiter_gone(me) }
	:: else
	fi;
	settle();
	atomic {
		if
		:: err == DONE -> sent[me] = true; assert(where[me] != HIS)
		:: else -> assert(where[me] == HIS); where[me] = BACK
		fi;
		alive[me] = false
	}
}

/* The next message that it wants, out of those that are queued */
inline find_locked()
{
	m = NONE;
	n = len(msgs);
	do
	:: n > 0 ->
		msgs?i;
		n--;
		if
		:: m == NONE && MATCHES(me, i) -> m = i
		:: else -> msgs!i
		fi
	:: else -> break
	od;
	i = 0;
	if
	:: m != NONE -> bytes = bytes - mlen[m]; where[m] = TAKEN
	:: else
	fi
}

/* ipcchan_queue_take_waiting_locked() */
inline take_waiting_locked()
{
	n = len(senders);
	do
	:: n > 0 ->
		senders?i;
		n--;
		if
		:: w == NONE && MATCHES(me, wmsg[i]) -> w = i; where[wmsg[i]] = TAKEN
		:: else -> senders!i
		fi
	:: else -> break
	od;
	i = 0
}

/* ipcchan_queue_recv(), ipcchan_queue_wait_msg() */
proctype receiver(byte me)
{
	byte w = NONE, m = NONE, owed = NONE, err = DONE, rounds = ROUNDS;

again:	atomic {
		rounds--;
		err = DONE;
		lock();
		find_locked();
#ifndef FAULT_NO_TAKE_WAITING
		if
		:: m == NONE && picky[me] -> take_waiting_locked()
		:: else
		fi;
#endif
		if
		:: m == NONE && w == NONE && no_senders -> unlock()
		:: m == NONE && w == NONE && !no_senders ->
			waiter_add(me, NONE);
			receivers!me;
			err = INPROGRESS;
			unlock()
		:: else
		fi
	};
	if
	:: m != NONE -> made_room()
	:: w != NONE ->
		complete_locked(w, DONE);
#ifndef FAULT_TAKE_KEEPS_ROOM
		/* That sender, too, may have been all that held others back. */
		made_room()
#else
		atomic { w = NONE; unlock() }
#endif
	:: err == INPROGRESS ->
		waiter_sleep(me, receivers);
		atomic {
			m = wmsg[me];
			assert(m == NONE || err == DONE);
			if
#ifndef FAULT_NO_PUTBACK
			:: m != NONE && fatal[me] && !locked ->
				/* ipcchan_queue_putback() */
				lock();
				receiver_locked(m);
				if
				:: w != NONE -> give_locked(m)
				:: else -> requeue_locked(m); unlock()
				fi
#else
			:: m != NONE && fatal[me]
#endif
			:: m != NONE && !fatal[me] -> where[m] = TAKEN
			:: m == NONE
			fi
		};
		if
		:: w != NONE -> given_unlock(m)
		:: else
		fi;
		d_step { m = NONE; waiter_gone(me) }
	:: else
	fi;
	settle();
	if
	:: rounds > 0 && !fatal[me] -> sig[me] = false; goto again
	:: else
	fi;
	alive[me] = false
}

/* ipcchan_queue_hangup(): everybody on the other side is told */
proctype hangup()
{
	byte w = NONE, owed = NONE;

	atomic { lock() };
	if
	:: no_senders = true;
		do
		:: len(receivers) > 0 -> receivers?w; complete_locked(w, DONE)
		:: else -> break
		od
	:: no_receivers = true;
		do
		:: len(senders) > 0 -> senders?w; complete_locked(w, EPIPE)
		:: else -> break
		od
	fi;
	unlock();
	settle()
}

/* When nobody can go on */
active proctype monitor()
{
	byte w, m, k;

	atomic {
		timeout ->
		assert(!locked);
		for (w : 0 .. TASKS - 1) {
			/* Who sleeps was not completed, and is in its list. */
			assert(!frame[w] || result[w] == INPROGRESS);
			assert(!frame[w] || (w < SENDERS && IN(senders, w)) ||
			       (w >= SENDERS && IN(receivers, w)));
			assert(frame[w] || (!IN(senders, w) && !IN(receivers, w)));
			assert(alive[w] == frame[w]);
			assert(refs[w] == 0)
		}
		for (w : SENDERS .. TASKS - 1) {
			assert(!frame[w] || !no_senders);
			for (m : 0 .. MSGS - 1) {
				/* No receiver sleeps beside its message. */
				assert(!frame[w] || !MATCHES(w, m) || where[m] != QUEUED);
				assert(!frame[w] || !MATCHES(w, m) || m >= SENDERS || !frame[m])
			}
		}
		/* No sender sleeps beside its room. */
		if
		:: len(senders) > 0 ->
			senders?<w>;
			assert(!no_receivers && !FITS(w))
		:: else
		fi;
		/* Each message is in one place, and its sender knows. */
		k = 0;
		for (m : 0 .. MSGS - 1) {
			assert((where[m] == QUEUED) == IN(msgs, m));
			assert(where[m] != GIVEN);
			if
			:: where[m] == QUEUED -> k = k + mlen[m]
			:: else
			fi;
			if
			:: m < SENDERS ->
				assert((where[m] == HIS) == frame[m]);
				assert(sent[m] == (where[m] == QUEUED || where[m] == TAKEN))
			:: else -> assert(where[m] == QUEUED || where[m] == TAKEN)
			fi
		}
		assert(k == bytes)
	}
}

init {
	byte t;

	atomic {
		for (t : TASKS - TIMED .. TASKS - 1) {
			if
			:: timed[t] = true
			:: skip
			fi
		}
		for (t : 0 .. SENDERS - 1) {
			if
			:: mlen[t] = 1
			:: mlen[t] = 2
			fi
		}
		typed[SENDERS - 1] = true;
		if
		:: picky[SENDERS] = true
		:: skip
		fi;
		mlen[OLD] = 1;
		where[OLD] = TAKEN;
		if
		:: msgs!OLD; where[OLD] = QUEUED; bytes = 1
		:: skip
		fi;
		for (t : 0 .. TASKS - 1) {
			wmsg[t] = NONE;
			task_begin(t)
		}
		for (t : 0 .. SENDERS - 1) {
			run sender(t)
		}
		for (t : SENDERS .. TASKS - 1) {
			run receiver(t)
		}
#ifdef HANGUP
		run hangup()
#endif
	}
}
