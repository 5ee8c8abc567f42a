/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Claims, deaths and repairs of the ring for several producers and consumers: claim.h,
 * claim_recover.c, mring.h.
 *
 * A ring of two slots.  Each line that ends with a semicolon is one access to what is
 * shared, and a participant may be killed before each.  Its lock is then free, and so are
 * those of the entries that it was repairing.  With REBORN a killed producer is followed by
 * another in the same entry.  All claims are of one slot.  How accesses change places on a
 * weakly ordered machine is only modelled by planted faults.
 *
 * Found wanting is: bytes written or read while they are another's, a message that is none
 * or of the lap before, one that comes twice and is not said to; in the end a message that
 * was committed and has not come, a participant that waits for ever, a slot or an
 * entry that is of no use any more.
 *
 * A planted fault is a FAULT_ define: run.sh expects each to be found.
 */

#ifndef PRODUCERS
#define PRODUCERS	2
#endif
#ifndef CONSUMERS
#define CONSUMERS	1
#endif
#define PEERS		(PRODUCERS + CONSUMERS)
#ifndef SENDS
#define SENDS		2	/* messages of each producer */
#endif
#ifndef DEATHS
#define DEATHS		1
#endif
#define SLOTS		2
#define NONE		255
#define MSGS		(PRODUCERS * SENDS)

/* a slot's state, and a peer's side */
#define FREE		0
#define READY		1
#define SKIP		2

/* a cursor's word, by side */
#define TAIL		0
#define HEAD		1
byte pos[2];
byte owner[2];		/* of the position before */
#define SIDE(i)		(i < PRODUCERS -> TAIL : HEAD)

/* slots: for which position, and in which state; the bytes, and who is at them */
byte spos[SLOTS];
byte sstate[SLOTS];
byte bytes[SLOTS];
byte at[SLOTS];

/* entries */
bool used[PEERS];
byte claim[PEERS];	/* the position, NONE at first */
byte lock[PEERS];	/* who holds the kernel's lock, NONE for nobody */

/* what is to be proved */
bool killed[PEERS];
bool done[PEERS];
bool committed[MSGS];
byte came[MSGS];
byte again[MSGS];

#define AT(p)		((p) % SLOTS)

/* is there a dead one whose lock can be had? */
#ifdef FAULT_NO_PROOF
#define DEAD(i)		(used[i] && (lock[i] == NONE || lock[i] == i))
#else
#define DEAD(i)		(used[i] && lock[i] == NONE)
#endif

inline die(me)
{
	d_step {
		for (i : 0 .. PEERS - 1) {
			if
			:: lock[i] == me -> lock[i] = NONE
			:: else
			fi
		}
		for (i : 0 .. SLOTS - 1) {
			if
			:: at[i] == me -> at[i] = NONE
			:: else
			fi
		}
		i = 0
	}
}

/*
 * ipcchan_claim_record(): @who claimed the position before @p of @side.  A claim that is
 * found there is not newer when the cursor has not moved until after it was read.
 */
inline record(side, who, p)
{
	have = claim[who];
	if
	:: have != p - 1 ->
#ifdef FAULT_EARLY_CLAIM
		early = claim[who];
#endif
#ifndef FAULT_NO_SECOND_LOOK
		if
		:: pos[side] != p || owner[side] != who -> p = NONE
		:: else
		fi;
#endif
		d_step {
			if
#ifdef FAULT_RECORD_STORE
			:: p != NONE -> claim[who] = p - 1
#else
			:: p != NONE && claim[who] == have -> claim[who] = p - 1
#endif
			:: else
			fi;
			have = NONE
		};
	:: else -> have = NONE
	fi
}

/* ipcchan_claim_take(): @p is the position, or NONE when another was faster */
inline take(me, side, p)
{
	d_step { p = pos[side]; own = owner[side] };
	if
	:: spos[AT(p)] == p && (sstate[AT(p)] == FREE) == (side == TAIL)
	:: else -> p = NONE
	fi;
	if
#ifndef FAULT_NO_RECORD
	:: p != NONE && own != NONE && own != me -> record(side, own, p)
#endif
	:: else
	fi;
	d_step {
		if
		:: p != NONE && pos[side] == p && owner[side] == own ->
			pos[side] = p + 1;
			owner[side] = me
		:: else -> p = NONE
		fi;
		own = NONE
	};
	if
	:: p != NONE -> claim[me] = p;
	:: else
	fi
}

/* The bytes of a slot are one's own for as long as it takes. */
inline enter(me, p)
{
	d_step { assert(at[AT(p)] == NONE); at[AT(p)] = me };
}

inline leave(p)
{
	at[AT(p)] = NONE
}

/* ipcchan_mring_release(), in one step with the end of reading */
inline release(p)
{
	d_step { leave(p); spos[AT(p)] = p + SLOTS; sstate[AT(p)] = FREE };
}

/* a message is given to a consumer; with @before, to the second one */
inline give(p, before)
{
	enter(me, p);
	d_step {
		i = bytes[AT(p)];
		assert(i != NONE && committed[i]);
		if
		:: before -> again[i]++
		:: else -> came[i]++
		fi;
		assert(came[i] <= 1 && again[i] <= DEATHS);
		i = 0
	};
	release(p)
}

/* ipcchan_claim_settle() and what comes of it; the lock of @e is held */
inline settle(e)
{
#ifdef FAULT_ENTRY_FIRST
	used[e] = false;
#endif
	d_step { p = pos[SIDE(e)]; own = owner[SIDE(e)] };
	if
	:: own == e -> record(SIDE(e), e, p)
	:: else
	fi;
#ifdef FAULT_EARLY_CLAIM
	/* the last load of the claim is made before the second look, which says "moved" */
	if
	:: own == e && p == NONE -> p = early
	:: else -> p = claim[e]
	fi;
	early = NONE;
#else
	p = claim[e];
#endif
	own = NONE;
	if
	:: p != NONE && e < PRODUCERS ->
		d_step {
			if
			:: spos[AT(p)] == p && sstate[AT(p)] == FREE -> sstate[AT(p)] = SKIP
			:: else
			fi
		};
	:: p != NONE && e >= PRODUCERS ->
		if
		:: spos[AT(p)] == p && sstate[AT(p)] == SKIP -> release(p)
#ifdef FAULT_NO_ADOPT
		:: spos[AT(p)] == p && sstate[AT(p)] == READY -> release(p)
#else
		:: spos[AT(p)] == p && sstate[AT(p)] == READY ->
			if
			:: me >= PRODUCERS -> give(p, true)
			/* a producer leaves it to a consumer */
			:: else -> left = true
			fi
#endif
		:: else
		fi
	:: else
	fi;
	p = NONE
}

/* ipcchan_claim_recover() of entry @e, whose lock has been got */
inline recover()
{
	settle(e);
	if
#ifndef FAULT_GIVE_UP_LEFT
	:: left -> left = false
#endif
	:: else -> used[e] = false
	fi;
	d_step { lock[e] = NONE; e = 0 };
}

/*
 * A producer looks into a dead consumer's entry once: what is left there stays, and one that
 * looks for ever would never be seen to wait for ever.
 */
#define CAN_LOCK(x)	(DEAD(x) && x != me && (me >= PRODUCERS || x < PRODUCERS || !looked))
#define LOCK_DEAD(x)	\
	atomic { CAN_LOCK(x) -> lock[x] = me; e = x; looked = looked || x >= PRODUCERS }

#define ROOM	(spos[AT(pos[TAIL])] == pos[TAIL] && sstate[AT(pos[TAIL])] == FREE)
#define MSG	(spos[AT(pos[HEAD])] == pos[HEAD] && sstate[AT(pos[HEAD])] != FREE)

proctype producer(byte me)
{
	byte p = NONE, own = NONE, have = NONE, early = NONE, e, i, sent;
	bool left, looked;

begin:	{
		do
		:: sent < SENDS && ROOM ->
			take(me, TAIL, p);
			if
			:: p != NONE ->
				sent++;
#ifdef FAULT_COMMIT_FIRST
				d_step {
					sstate[AT(p)] = READY;
					committed[me * SENDS + sent - 1] = true
				};
#endif
				enter(me, p);
				bytes[AT(p)] = me * SENDS + sent - 1;
				d_step {
					leave(p);
					sstate[AT(p)] = READY;
					committed[me * SENDS + sent - 1] = true;
					p = NONE
				};
			:: else
			fi
		:: LOCK_DEAD(0) -> recover()
		:: LOCK_DEAD(1) -> recover()
		:: LOCK_DEAD(2) -> recover()
		:: sent == SENDS -> break
		od;
		/* ipcchan_mring_detach() */
		used[me] = false;
		d_step { lock[me] = NONE; done[me] = true };
		goto end
	} unless { killed[me] && !done[me] };
	die(me);
#ifdef REBORN
	d_step { p = NONE; own = NONE; have = NONE; early = NONE; e = 0; left = false };
	/* ipcchan_claim_attach(): whoever has got the lock, and settled */
	atomic { lock[me] == NONE -> lock[me] = me; killed[me] = false };
	if
	:: used[me] -> settle(me)
	:: else
	fi;
	used[me] = true;
	goto begin;
#else
	done[me] = true;
#endif
end:	skip
}

proctype consumer(byte me)
{
	byte p = NONE, own = NONE, have = NONE, early = NONE, e, i;
	bool left, looked;

	{
		do
		:: MSG ->
			take(me, HEAD, p);
			if
			:: p != NONE && sstate[AT(p)] == SKIP -> release(p)
			:: p != NONE && sstate[AT(p)] != SKIP ->
#ifdef FAULT_RELEASE_FIRST
				d_step { spos[AT(p)] = p + SLOTS; sstate[AT(p)] = FREE };
#endif
				give(p, false)
			:: else
			fi;
			p = NONE
		:: LOCK_DEAD(0) -> recover()
		:: LOCK_DEAD(1) -> recover()
		:: LOCK_DEAD(2) -> recover()
		od
	} unless { killed[me] };
	die(me)
}

/* kill -9, at any time, but of the last consumer */
active proctype killer()
{
	byte left = DEATHS, t;

	do
	:: left > 0 ->
		atomic {
			select(t : 0 .. PEERS - 2);
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
	byte m;

	atomic {
		timeout ->
		for (m : 0 .. PRODUCERS - 1) {
			/* Nobody waits for ever. */
			assert(done[m]);
			assert(!used[m] && lock[m] == NONE)
		}
		for (m : 0 .. MSGS - 1) {
			assert(!committed[m] || came[m] + again[m] > 0);
			assert(committed[m] || came[m] + again[m] == 0)
		}
		assert(pos[TAIL] == pos[HEAD]);
		for (m : pos[TAIL] .. pos[TAIL] + SLOTS - 1) {
			assert(spos[AT(m)] == m && sstate[AT(m)] == FREE);
			assert(at[AT(m)] == NONE)
		}
	}
}

init {
	byte t;

	atomic {
		owner[TAIL] = NONE;
		owner[HEAD] = NONE;
		for (t : 0 .. SLOTS - 1) {
			spos[t] = t;
			bytes[t] = NONE;
			at[t] = NONE
		}
		for (t : 0 .. PEERS - 1) {
			used[t] = true;
			lock[t] = t;
			claim[t] = NONE
		}
		for (t : 0 .. PRODUCERS - 1) {
			run producer(t)
		}
		for (t : PRODUCERS .. PEERS - 1) {
			run consumer(t)
		}
	}
}
