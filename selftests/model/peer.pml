/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Two sides that wait for each other, and who takes a side whose holder was killed: peer.h,
 * peer.c, and how the byte ring and the ring of slots use them.
 *
 * A ring of two slots; a message is its position.  Side 0 sends TOTAL messages, side 1
 * receives them.  A side does everything by turns: it publishes, or holds back; it finds
 * nothing, publishes what it has held back, says that it waits, looks again and sleeps.
 * It may be killed DEATHS times before each step, and is followed by another.
 *
 * Weak memory: a store waits in a buffer of its side, of which each word leaves it at any
 * time and in any order, but for what release order and fences say.  So it is seen late,
 * behind loads that follow it.  Loads are carried out in their order.  Whoever is killed
 * has left the CPU, which empties its buffer.
 *
 * Found wanting is: a message that is read before it is written, or written over before it
 * is read; in the end a side that sleeps for ever, or that is said to wait when it does not.
 *
 * A planted fault is a FAULT_ define: run.sh expects each to be found.
 *
 *	SLOTS	a message is seen at once, and only the look at the peer's word is held back
 *	ARM	side 1 sleeps elsewhere, on a bell that it has armed
 */

#ifndef TOTAL
#define TOTAL	4
#endif
#ifndef DEATHS
#define DEATHS	1
#endif
#define SIZE	2
#define NONE	255

/* words: the positions, by side; by side, whether it waits; the bytes of the slots */
#define POS(s)	(s)
#define WAIT(s)	(2 + (s))
#define SLOT(p)	(4 + (p) % SIZE)
#define WORDS	6

byte mem[WORDS];
byte buf[2 * WORDS];	/* by side, what is on its way into mem, or NONE */
#define BUF(s, w)	buf[(s) * WORDS + (w)]

bool asleep[2];
bool killed[2];
bool done[2];

#define LOAD(s, w)	(BUF(s, w) == NONE -> mem[w] : BUF(s, w))
#define STORE(s, w, v)	BUF(s, w) = v
#define SLOTS_SEEN(s)	(BUF(s, 4) == NONE && BUF(s, 5) == NONE)
#define ALL_SEEN(s)	(SLOTS_SEEN(s) && BUF(s, 0) == NONE && BUF(s, 1) == NONE && \
			 BUF(s, 2) == NONE && BUF(s, 3) == NONE)

#define fence(s)	ALL_SEEN(s)

#define LEAVES(s, w)	atomic { BUF(s, w) != NONE -> mem[w] = BUF(s, w); BUF(s, w) = NONE }

/* what is in a side's buffer leaves it in any order */
proctype memory(byte s)
{
end:	do
	:: LEAVES(s, 0)
	:: LEAVES(s, 1)
	:: LEAVES(s, 2)
	:: LEAVES(s, 3)
	:: LEAVES(s, 4)
	:: LEAVES(s, 5)
	od
}

/* the kernel's, which is a fence */
inline bell_wake(s)
{
	atomic { fence(s) -> asleep[1 - s] = false }
}

/* until a wake that comes later, while the word is 1 */
inline bell_wait(s)
{
	atomic {
		if
		:: mem[WAIT(s)] == 1 -> asleep[s] = true
		:: else
		fi
	};
	!asleep[s];
#ifdef ARM
	/* an event loop looks at the word again */
	do
	:: atomic { s == 1 && mem[WAIT(s)] == 1 -> asleep[s] = true };
		!asleep[s]
	:: s == 0 || mem[WAIT(s)] != 1 -> break
	od
#endif
}

/* ipcchan_peer_wake(), behind ipcchan_peer_waits() or ipcchan_peer_seems_waiting() */
inline wake(s)
{
	if
	:: LOAD(s, WAIT(1 - s)) == 1 ->
#ifdef FAULT_WAKE_FIRST
		bell_wake(s);
		STORE(s, WAIT(1 - s), 0)
#else
		atomic { fence(s) -> old = mem[WAIT(1 - s)]; mem[WAIT(1 - s)] = 0 };
		if
		:: old == 1 -> bell_wake(s)
		:: else
		fi;
		old = 0
#endif
	:: else
	fi
}

/* a release store of the position; the buffer holds no bytes of before it */
inline move(s)
{
	atomic {
#ifndef FAULT_NO_RELEASE
		SLOTS_SEEN(s) ->
#endif
		STORE(s, POS(s), own)
	}
}

/* ipcchan_ring_publish(), and a flush of the ring of slots */
inline publish(s)
{
	move(s);
	seen = own;
#ifndef FAULT_NO_FENCE_BEFORE_LOOK
	fence(s);
#endif
	wake(s)
}

inline flush(s)
{
	if
	:: seen != own -> publish(s)
	:: else
	fi
}

/* ipcchan_ring_commit_more(), ipcchan_ring_release_more(): own has moved */
inline more(s)
{
	if
#ifdef SLOTS
	:: s == 0 -> move(s); wake(s)
	/* within a run of ipcchan_slots_send_many() */
	:: s == 0 -> move(s)
#else
	:: s == 0 && LOAD(s, WAIT(1 - s)) == 1 -> publish(s)
	:: s == 1 && own == limit -> publish(s)
#endif
	:: else
	fi
}

/* ipcchan_peer_greet() */
inline greet(s)
{
#ifndef FAULT_GREET_KEEPS_WORD
	STORE(s, WAIT(s), 0);
#endif
#ifdef FAULT_GREET_WAKE_FIRST
	bell_wake(s);
#endif
#ifdef FAULT_GREET_WAKES_WAITING
	wake(s);
#else
	STORE(s, WAIT(1 - s), 0);
#endif
#if !defined(FAULT_GREET_WAKE_FIRST) && !defined(FAULT_GREET_WAKES_WAITING) && \
	!defined(FAULT_GREET_SILENT)
	bell_wake(s)
#else
	skip
#endif
}

#define SOME(s)	(s == 0 -> limit + SIZE != own : limit != own)

/* ipcchan_ring_wait(), ipcchan_ring_arm() */
inline wait(s)
{
#ifndef FAULT_NO_FLUSH
	flush(s);
#endif
#ifdef FAULT_LOOK_FIRST
	limit = LOAD(s, POS(1 - s));
#endif
	STORE(s, WAIT(s), 1);
#ifndef FAULT_NO_FENCE_BEFORE_SLEEP
	fence(s);
#endif
#ifndef FAULT_LOOK_FIRST
	limit = LOAD(s, POS(1 - s));
#endif
	if
	:: !SOME(s) -> bell_wait(s)
	:: else
	fi;
	STORE(s, WAIT(s), 0)
}

inline pass(s)
{
	if
	:: s == 0 -> STORE(s, SLOT(own), own)
	:: s == 1 ->
#ifdef FAULT_RELEASE_FIRST
		own++;
		publish(s);
		own--;
#endif
		assert(LOAD(s, SLOT(own)) == own)
	fi;
	own++
}

inline die(s)
{
	d_step {
		for (w : 0 .. WORDS - 1) {
			if
			:: BUF(s, w) != NONE -> mem[w] = BUF(s, w); BUF(s, w) = NONE
			:: else
			fi
		}
		asleep[s] = false;
		killed[s] = false;
		w = 0;
		old = 0
	}
}

proctype side(byte s)
{
	byte own, limit, seen, old, w;

begin:	{
		d_step { own = mem[POS(s)]; seen = own };
		limit = LOAD(s, POS(1 - s));
		greet(s);
		do
		:: own < TOTAL ->
			if
			:: !SOME(s) -> limit = LOAD(s, POS(1 - s))
			:: else
			fi;
			if
			:: !SOME(s) -> wait(s)
			:: SOME(s) ->
				pass(s);
				if
				:: publish(s)
				:: more(s)
				fi
			fi
		:: own == TOTAL -> flush(s); break
		od;
		done[s] = true;
		goto end
	} unless { killed[s] && !done[s] };
	die(s);
	goto begin;
end:	skip
}

/* kill -9, at any time */
active proctype killer()
{
	byte left = DEATHS, t;

	do
	:: left > 0 ->
		atomic {
			select(t : 0 .. 1);
			!killed[t] && !done[t] -> killed[t] = true;
			left--;
			t = 0
		}
	:: break
	od
}

/* When nobody can go on */
active proctype monitor()
{
	atomic {
		timeout ->
		assert(done[0] && done[1]);
		assert(mem[POS(0)] == TOTAL && mem[POS(1)] == TOTAL);
		assert(mem[WAIT(0)] == 0 && mem[WAIT(1)] == 0)
	}
}

init {
	byte i;

	atomic {
		for (i : 0 .. 2 * WORDS - 1) {
			buf[i] = NONE
		}
		for (i : 0 .. SIZE - 1) {
			mem[SLOT(i)] = NONE
		}
		run memory(0);
		run memory(1);
		run side(0);
		run side(1)
	}
}
