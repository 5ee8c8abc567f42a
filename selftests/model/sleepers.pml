/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who sleeps on a ring for several, or on a broadcast ring, and is woken: the orders that
 * claim.h tells of, without death.
 *
 * Producers claim one position or two at a time until there are TOTAL, two or four, and
 * publish them together. Each of two consumers takes its share, each of two readers all.
 *
 * Weak memory: a slot's word is on its way for any time, so that it is seen behind loads
 * that follow its store, and in any order, but for fences. The rest is changed by what is a
 * fence itself.
 *
 * Found wanting is one that sleeps for ever.
 *
 * A planted fault is a FAULT_ define: run.sh expects each to be found.
 *
 *	BROADCAST	the broadcast ring
 */

#ifndef PRODUCERS
#define PRODUCERS	2
#endif
#ifndef TOTAL
#define TOTAL	4
#endif
#define SHARE	(TOTAL / 2)

bool stored[TOTAL];	/* what its producer sees */
bool slot[TOTAL + 1];	/* what others see; nobody publishes the last */
byte tail, head;

/* a bit for each that sleeps, the words that they sleep on, and what the kernel knows */
bool sleeps[2];
bool waiting[2];
byte readers;
bool asleep[2];
byte done;

#define LEAVES(p)	atomic { stored[p] && !slot[p] -> slot[p] = true }

proctype memory()
{
end:	do
	:: LEAVES(0)
	:: LEAVES(1)
#if TOTAL > 2
	:: LEAVES(2)
	:: LEAVES(3)
#endif
	od
}

/* the kernel's; @t is whom */
inline bell_wake(t, woken)
{
	d_step { woken = asleep[t]; asleep[t] = false }
}

/* ipcchan_claim_wake() */
inline wake(count)
{
	do
	:: atomic { count > 0 && (sleeps[0] || sleeps[1]) -> t = (sleeps[0] -> 0 : 1) };
		d_step { old = sleeps[t]; sleeps[t] = false };
		if
		:: old ->
			waiting[t] = false;
			bell_wake(t, old);
			count = count - (old -> 1 : 0)
		:: else
		fi
	:: else -> break
	od;
	atomic { t = 0; old = false; count = 0 }
}

/* ipcchan_claim_wake_readers() */
inline wake_readers()
{
	word = readers;
	if
	:: word % 2 == 1 ->
#ifdef FAULT_WAKE_FIRST
		d_step { asleep[0] = false; asleep[1] = false };
#endif
		atomic {
			old = readers == word;
			if
#ifdef FAULT_ONE_WORD
			:: old -> readers = 0
#else
			:: old -> readers++
#endif
			:: else
			fi
		};
#ifndef FAULT_WAKE_FIRST
		if
		:: old -> d_step { asleep[0] = false; asleep[1] = false }
		:: else
		fi;
#endif
		old = false
	:: else
	fi;
	word = 0
}

/* all that was published is seen */
#define fence(first, n)	(slot[first] && slot[first + n - 1])

proctype producer()
{
	byte first, n, t, word;
	bool old;

	do
	:: atomic {
		tail < TOTAL ->
		if
		:: n = 1
		:: tail + 2 <= TOTAL -> n = 2
		fi;
		first = tail;
		tail = tail + n
	   };
		stored[first] = true;
		stored[first + n - 1] = true;
#if defined(FAULT_NO_FENCE) || defined(FAULT_NO_FENCE_READERS)
		if
		:: n == 1 -> fence(first, n)
		:: else
		fi;
#else
		fence(first, n);
#endif
#ifdef BROADCAST
		wake_readers();
		n = 0
#else
		wake(n)
#endif
	:: tail == TOTAL -> break
	od
}

/* nap_peer() */
inline nap()
{
	waiting[me] = true;
#ifdef FAULT_LOOK_FIRST
	p = head;
	old = slot[p];
	sleeps[me] = true;
#else
	sleeps[me] = true;
	p = head;
	old = slot[p];
#endif
	if
	:: !old ->
		atomic { asleep[me] = waiting[me] };
		!asleep[me]
	:: else
	fi;
	waiting[me] = false;
	d_step { sleeps[me] = false; p = 0; old = false }
}

proctype consumer(byte me)
{
	byte p, got, n, t;
	bool old;

	do
	:: got < SHARE ->
		p = head;
		if
		:: slot[p] ->
			atomic {
				if
				:: head == p -> head++; got++; n = 1
				:: else
				fi
			};
#ifndef FAULT_NO_PASS
			if
			:: n == 1 && slot[p + 1] -> wake(n)
			:: else
			fi;
#endif
			n = 0
		:: else -> nap()
		fi
	:: else -> break
	od;
	done++
}

#define say_sleeps()	d_step { readers = readers | 1; word = readers }

/* nap_reader() */
proctype reader(byte me)
{
	byte p, word;
	bool old;

	do
	:: p < TOTAL && slot[p] -> p++
	:: p < TOTAL && !slot[p] ->
#ifdef FAULT_LOOK_FIRST
		old = slot[p];
		say_sleeps();
#else
		say_sleeps();
		old = slot[p];
#endif
		if
		:: !old ->
			atomic { asleep[me] = readers == word };
			!asleep[me]
		:: else
		fi;
		atomic { old = false; word = 0 }
	:: p == TOTAL -> break
	od;
	done++
}

/* When nobody can go on */
active proctype monitor()
{
	atomic {
		timeout ->
		assert(done == 2)
	}
}

init {
	byte i;

	atomic {
		run memory();
		for (i : 1 .. PRODUCERS) {
			run producer()
		}
#ifdef BROADCAST
		run reader(0);
		run reader(1)
#else
		run consumer(0);
		run consumer(1)
#endif
	}
}
