/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Claims, marks and readers of the broadcast ring: claim.h, bring.c.
 *
 * A ring of two slots; a message has two words.  Each line that ends with a semicolon is
 * one access to what is shared.  Deaths are modelled in mring.pml.  How accesses change
 * places on a weakly ordered machine is only modelled by planted faults.
 *
 * Found wanting is: a ring that is said to make no sense, a message that is torn or of
 * another lap and is believed; in the end a producer or a reader that waits for ever.
 *
 * A planted fault is a FAULT_ define: run.sh expects each to be found.
 */

#define PRODUCERS	2
#define SENDS		2	/* messages of each producer */
#define SLOTS		2
#define LAST		(SLOTS + PRODUCERS * SENDS)

/* a slot's state */
#define READY		1
#define WRITING		3

#define AT(p)		((p) % SLOTS)

/* all positions before it are claimed */
byte cursor = SLOTS;

/* slots: of which position, and in which state; of which position each word is */
byte spos[SLOTS];
byte sstate[SLOTS];
byte first[SLOTS];
byte second[SLOTS];

bool done[PRODUCERS + 1];

/* what a slot's word, as it was loaded, says of a position */
#define LAP_BEFORE(p)		(w + SLOTS == (p))
#define TWO_LAPS_BEFORE(p)	(w + 2 * SLOTS == (p))

inline load_slot(p)
{
	d_step { w = spos[AT(p)]; state = sstate[AT(p)] }
}

inline store_slot(p, s)
{
	d_step { spos[AT(p)] = p; sstate[AT(p)] = s }
}

#ifdef FAULT_EARLY_MARK
/* who has claimed: others see that later than they see the mark */
bool unseen;

inline claim(p, mine)
{
	atomic { !unseen -> mine = (cursor == p); unseen = mine };
	if
	:: mine ->
		store_slot(p, WRITING);
		d_step { cursor = p + 1; unseen = false };
	:: else -> p = cursor
	fi
}
#else
inline claim(p, mine)
{
	d_step {
		mine = (cursor == p);
		if
		:: mine -> cursor = p + 1
		:: else -> p = cursor
		fi
	};
	if
#ifndef FAULT_NO_MARK
	:: mine -> store_slot(p, WRITING);
#endif
	:: else
	fi
}
#endif

proctype producer(byte me)
{
	byte p = SLOTS, w, state, next, sent;
	bool mine;

	do
	:: sent < SENDS ->
		load_slot(p);
		if
		:: LAP_BEFORE(p) && state != WRITING ->
			claim(p, mine);
			if
			:: mine ->
				first[AT(p)] = p;
				second[AT(p)] = p;
				store_slot(p, READY);
				p++;
				sent++;
				mine = false
			:: else
			fi
		/* whoever is at work there comes first */
		:: LAP_BEFORE(p) && state == WRITING
		:: TWO_LAPS_BEFORE(p)
		:: else ->
			next = cursor;
			/* it is not said that this cannot be */
			assert(next != p);
			p = next;
			next = 0
		fi
	:: sent == SENDS -> break
	od;
	done[me] = true
}

proctype reader(byte me)
{
	byte p = SLOTS, w, state, one, two, tail;

	do
	:: p < LAST ->
		load_slot(p);
		if
		:: w == p && state == READY ->
			one = first[AT(p)];
			two = second[AT(p)];
#ifndef FAULT_ONE_LOOK
			load_slot(p);
#endif
			assert(w != p || state != READY || (one == p && two == p));
			p++;
			one = 0;
			two = 0
		:: w == p && state == WRITING
		:: LAP_BEFORE(p) || TWO_LAPS_BEFORE(p)
		:: else ->
			tail = cursor;
			assert(tail > p + SLOTS);
			p = tail - SLOTS;
			tail = 0
		fi
	:: p == LAST -> break
	od;
	done[me] = true
}

/* When nobody can go on */
active proctype monitor()
{
	byte m;

	atomic {
		timeout ->
		for (m : 0 .. PRODUCERS) {
			assert(done[m])
		}
	}
}

init {
	byte t;

	atomic {
		for (t : 0 .. SLOTS - 1) {
			spos[t] = t
		}
		for (t : 0 .. PRODUCERS - 1) {
			run producer(t)
		}
		run reader(PRODUCERS)
	}
}
